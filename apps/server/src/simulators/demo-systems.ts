import type { IncomingMessage, ServerResponse } from 'node:http'
import { demoCookie, demoModelKey, demoPeople, demoProjects } from './demo-data.ts'
import { type CompanySimulator, createCompanySimulator } from './company-model/company-simulator.ts'
import type { FaultRule } from './fault-control.ts'
import { createJiraSimulator, type JiraSimulator } from './jira/jira-simulator.ts'
import type { JsonValue } from './json-value.ts'
import { createModelSimulator, type ModelSimulator } from './model/model-simulator.ts'
import type { Pace } from './model/model-stream.ts'
import { pathBelow } from './serve.ts'

type Name = 'jira' | 'model'
type Faults = {
  jira: 'none' | 'away' | 'slow' | 'lost-answer'
  model: 'none' | 'away' | 'slow' | 'dies'
}

const modelName = 'demo-writer'
const demoPace: Pace = { firstTokenMs: 300, gapMs: 15 }

const jiraFaults: Record<Faults['jira'], FaultRule | undefined> = {
  none: undefined,
  away: { fault: { kind: 'away' }, route: '*/rest/*' },
  slow: { fault: { kind: 'latency', latencyMs: 2_500 }, route: '*/rest/*' },
  'lost-answer': { fault: { kind: 'effect-then-lost' }, route: 'POST /rest/api/2/issue', times: 1 },
}

const modelFaults: Record<Faults['model'], FaultRule | undefined> = {
  none: undefined,
  away: { fault: { kind: 'away' } },
  slow: { fault: { kind: 'latency', latencyMs: 4_000 } },
  dies: { fault: { kind: 'die', after: 40 }, times: 1 },
}

const titles: Record<string, { en: string; he: string }> = {
  'noa.levi': { en: 'Delivery lead', he: 'מובילת מסירה' },
  'daniel.cohen': { en: 'Developer', he: 'מפתח' },
  'maya.green': { en: 'Product owner', he: 'בעלת המוצר' },
}
const former = { en: 'Former colleague', he: 'מהצוות לשעבר' }

/**
 * The simulated Jira and model of the demo workspace, served below the product's own port.
 *
 * @param origin where this product can reach itself; known once it listens
 * @param pace of the model; that of a quick real one where absent
 */
export function createDemoSystems(origin: () => string, pace: Pace = demoPace) {
  let running:
    | { jira: JiraSimulator; model: ModelSimulator; company: CompanySimulator; faults: Faults }
    | undefined
  let changed: (name: Name) => void = () => undefined

  const addresses = () => ({
    jiraUrl: `${origin()}/demo/jira`,
    modelUrl: `${origin()}/demo/model/v1`,
    modelKey: demoModelKey,
    modelName,
  })

  function play(faults: Faults): void {
    if (running === undefined) return
    running.faults = faults
    for (const [system, rule] of [
      [running.jira, jiraFaults[faults.jira]],
      [running.model, modelFaults[faults.model]],
      [running.company, modelFaults[faults.model]],
    ] as const) {
      system.faults.clear()
      if (rule !== undefined) system.faults.set(rule)
    }
  }

  return {
    people: demoPeople.map((person) => ({
      employeeId: person.name,
      displayName: person.displayName,
      title: titles[person.name] ?? former,
      token: person.personalAccessToken,
      companyCookie: demoCookie(person.name),
      state: person.status,
    })),
    names: ['jira', 'model'] as const,
    addresses,

    /** Where the company model of the demo is; undefined while there is no demo. */
    companyUrl: (): string | undefined =>
      running === undefined ? undefined : `${origin()}/demo/company`,

    start(kept: ReadonlyMap<string, { snapshot: unknown; fault: string }>): void {
      const jira = createJiraSimulator({
        publicUrl: addresses().jiraUrl,
        flavour: 'dc',
        people: demoPeople,
        projects: demoProjects,
      })
      const model = createModelSimulator({ keys: [demoModelKey], models: [modelName], pace })
      const faults: Faults = { jira: 'none', model: 'none' }
      for (const [name, system] of [
        ['jira', jira],
        ['model', model],
      ] as const) {
        const before = kept.get(name)
        // Written by `snapshot` of the same simulator.
        const snapshot = before?.snapshot ?? null
        if (snapshot !== null) system.restore(snapshot as JsonValue)
        if (before !== undefined) Object.assign(faults, { [name]: before.fault })
        system.onChange(() => changed(name))
      }
      const cookies = demoPeople.map(({ name }) => [name, demoCookie(name)])
      const company = createCompanySimulator({ cookies: Object.fromEntries(cookies), pace })
      running = { jira, model, company, faults }
      play(faults)
    },

    stop(): void {
      running?.jira.close()
      running?.model.close()
      running?.company.close()
      running = undefined
    },

    snapshot: (name: Name) => ({
      snapshot: running?.[name].snapshot() ?? null,
      fault: running?.faults[name] ?? 'none',
    }),

    faults: (): Faults => running?.faults ?? { jira: 'none', model: 'none' },

    setFaults(faults: Faults): void {
      play(faults)
      changed('jira')
      changed('model')
    },

    onChange(listener: (name: Name) => void): void {
      changed = listener
    },

    /** Origins with the path below which the product may call itself. Empty while there is no demo. */
    trustedOrigins: (): string[] => (running === undefined ? [] : [`${origin()}/demo/`]),

    /** Answers a request for one of the systems. @returns false when it is for somebody else */
    handle(request: IncomingMessage, response: ServerResponse): boolean {
      const url = request.url ?? '/'
      if (running === undefined || !url.startsWith('/demo/')) return false
      const jiraPath = pathBelow(url, '/demo/jira')
      const modelPath = pathBelow(url, '/demo/model/v1')
      const companyPath = pathBelow(url, '/demo/company')
      if (jiraPath !== undefined) running.jira.handle(request, response, jiraPath)
      else if (modelPath !== undefined) running.model.handle(request, response, modelPath)
      else if (companyPath !== undefined) running.company.handle(request, response, companyPath)
      else return false
      return true
    },
  }
}

export type ServedDemoSystems = ReturnType<typeof createDemoSystems>
