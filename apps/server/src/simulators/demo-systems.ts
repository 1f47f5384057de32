import type { IncomingMessage, ServerResponse } from 'node:http'
import { createCompanySimulator } from './company-model/company-simulator.ts'
import { createConfluenceSimulator } from './confluence/confluence-simulator.ts'
import {
  demoConfluence,
  demoConfluencePeople,
  demoCookie,
  demoModelKey,
  demoPeople,
  demoProjects,
  demoTrelloBoards,
  demoTrelloKey,
  demoTrelloMembers,
} from './demo-data.ts'
import type { FaultRule } from './fault-control.ts'
import { createJiraSimulator } from './jira/jira-simulator.ts'
import type { JsonValue } from './json-value.ts'
import { createModelSimulator } from './model/model-simulator.ts'
import type { Pace } from './model/model-stream.ts'
import { pathBelow } from './serve.ts'
import type { Simulator } from './simulator.ts'
import { createTrelloSimulator } from './trello/trello-simulator.ts'

const names = ['jira', 'model', 'confluence', 'trello'] as const
type Name = (typeof names)[number]
type SystemFault = 'none' | 'away' | 'slow' | 'lost-answer'
type Faults = {
  jira: SystemFault
  model: 'none' | 'away' | 'slow' | 'dies'
  confluence: SystemFault
  trello: SystemFault
}

const modelName = 'demo-writer'
const demoPace: Pace = { firstTokenMs: 300, gapMs: 15 }

/** @param routes those of programs; @param write one that creates something */
function faultsOf(routes: string, write: string): Record<SystemFault, FaultRule | undefined> {
  return {
    none: undefined,
    away: { fault: { kind: 'away' }, route: routes },
    slow: { fault: { kind: 'latency', latencyMs: 2_500 }, route: routes },
    'lost-answer': { fault: { kind: 'effect-then-lost' }, route: write, times: 1 },
  }
}

const jiraFaults = faultsOf('*/rest/*', 'POST /rest/api/2/issue')
const confluenceFaults = faultsOf('*/rest/*', 'POST /rest/api/content')
const trelloFaults = faultsOf('*/1/*', 'POST /1/*')
const allWorks: Faults = { jira: 'none', model: 'none', confluence: 'none', trello: 'none' }

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
 * The simulated systems of the demo workspace, served below the product's own port.
 *
 * @param origin where this product can reach itself; known once it listens
 * @param pace of the model; that of a quick real one where absent
 */
export function createDemoSystems(origin: () => string, pace: Pace = demoPace) {
  let running:
    | (Readonly<Record<Name, Simulator>> & { company: Simulator; faults: Faults })
    | undefined
  let changed: (name: Name) => void = () => undefined

  const addresses = () => ({
    jiraUrl: `${origin()}/demo/jira`,
    modelUrl: `${origin()}/demo/model/v1`,
    modelKey: demoModelKey,
    modelName,
    confluenceUrl: `${origin()}/demo/confluence`,
    trelloUrl: `${origin()}/demo/trello`,
    trelloKey: demoTrelloKey,
  })

  function play(faults: Faults): void {
    if (running === undefined) return
    running.faults = faults
    for (const [system, rule] of [
      [running.jira, jiraFaults[faults.jira]],
      [running.model, modelFaults[faults.model]],
      [running.company, modelFaults[faults.model]],
      [running.confluence, confluenceFaults[faults.confluence]],
      [running.trello, trelloFaults[faults.trello]],
    ] as const) {
      system.faults.clear()
      if (rule !== undefined) system.faults.set(rule)
    }
  }

  return {
    people: demoPeople.map((person, index) => ({
      employeeId: person.name,
      displayName: person.displayName,
      title: titles[person.name] ?? former,
      token: person.personalAccessToken,
      companyCookie: demoCookie(person.name),
      confluenceToken: demoConfluencePeople[index]?.personalAccessToken ?? '',
      trelloToken: demoTrelloMembers[index]?.token ?? '',
      state: person.status,
    })),
    names,
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
      const confluence = createConfluenceSimulator({
        publicUrl: addresses().confluenceUrl,
        flavour: 'dc',
        ...demoConfluence,
      })
      const trello = createTrelloSimulator({
        publicUrl: addresses().trelloUrl,
        key: demoTrelloKey,
        members: demoTrelloMembers,
        boards: demoTrelloBoards,
      })
      const systems = { jira, model, confluence, trello }
      const faults = { ...allWorks }
      for (const name of names) {
        const system: Simulator = systems[name]
        const before = kept.get(name)
        // Written by `snapshot` of the same simulator.
        const snapshot = before?.snapshot ?? null
        if (snapshot !== null) system.restore(snapshot as JsonValue)
        if (before !== undefined) Object.assign(faults, { [name]: before.fault })
        system.onChange(() => changed(name))
      }
      const cookies = demoPeople.map(({ name }) => [name, demoCookie(name)])
      const company = createCompanySimulator({ cookies: Object.fromEntries(cookies), pace })
      running = { ...systems, company, faults }
      play(faults)
    },

    stop(): void {
      for (const name of names) running?.[name].close()
      running?.company.close()
      running = undefined
    },

    snapshot: (name: Name) => ({
      snapshot: running?.[name].snapshot() ?? null,
      fault: running?.faults[name] ?? 'none',
    }),

    faults: (): Faults => running?.faults ?? allWorks,

    setFaults(faults: Faults): void {
      play(faults)
      for (const name of names) changed(name)
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
      const companyPath = pathBelow(url, '/demo/company')
      if (companyPath !== undefined) {
        running.company.handle(request, response, companyPath)
        return true
      }
      for (const name of names) {
        const below = pathBelow(url, name === 'model' ? '/demo/model/v1' : `/demo/${name}`)
        if (below === undefined) continue
        running[name].handle(request, response, below)
        return true
      }
      return false
    },
  }
}

export type ServedDemoSystems = ReturnType<typeof createDemoSystems>
