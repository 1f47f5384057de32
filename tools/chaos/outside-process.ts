import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { FaultRule, SetRule } from '../../apps/server/src/simulators/fault-control.ts'

const root = join(import.meta.dirname, '../..')
/** Ends the simulators when we are gone. */
const tether = join(root, 'tools/launch/tether.mjs')
const entry = join(root, 'apps/server/src/simulators/main.ts')

export type JiraCounters = {
  readonly requests: Readonly<Record<string, number>>
  readonly creates: {
    readonly total: number
    readonly byLabel: Readonly<Record<string, number>>
    readonly byDescriptionMarker: Readonly<Record<string, number>>
  }
}

type Counts = Readonly<Record<string, number>>

export type TrelloCounters = {
  readonly effects: Counts
  readonly byDescriptionMarker: Counts
  /** Comments and checklists. */
  readonly byTextMarker: Counts
}

export type ConfluenceCounters = {
  readonly effects: { readonly creates: number; readonly createsByTitle: Counts }
}

type Counters = {
  readonly jira: JiraCounters
  readonly cloud: JiraCounters
  readonly trello: TrelloCounters
  readonly confluence: ConfluenceCounters
  /** Confluence of the Cloud. */
  readonly wiki: ConfluenceCounters
}

/** Those in which something is created. */
export type OutsideName = keyof Counters

type Shown = {
  readonly [K in OutsideName]: {
    readonly counters: Counters[K]
    readonly faults: readonly SetRule[]
  }
}

type Order = {
  readonly simulator: OutsideName | 'model'
  readonly clear?: boolean
  readonly set?: readonly FaultRule[]
  readonly searchDelayMs?: number
  readonly pace?: { readonly firstTokenMs: number; readonly gapMs: number }
}

/** The simulated systems as a process of their own, so that they outlive the product. */
export type Outside = {
  /** Of the process above them. */
  readonly pid: number
  readonly jiraUrl: string
  /** A second Jira, of the Cloud. */
  readonly cloudUrl: string
  readonly trelloUrl: string
  readonly confluenceUrl: string
  /** A second Confluence, of the Cloud. */
  readonly wikiUrl: string
  readonly modelUrl: string
  /** Host and port, for ALLOWED_INTEGRATION_HOSTS. */
  readonly host: string
  order(order: Order): Promise<void>
  /** @param which by default the Jira of the data center */
  jira(which?: 'jira' | 'cloud'): Promise<JiraCounters>
  counters<K extends OutsideName>(which: K): Promise<Counters[K]>
  /** The rules that can still fire, and how often each did. */
  faults(which: OutsideName): Promise<readonly SetRule[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws when the simulators do not start */
export async function startOutside(): Promise<Outside> {
  const child = spawn(process.execPath, [tether, entry, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const origin = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, found] = /(http:\/\/\S+)\/control/.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    void exited.then(() => reject(new Error('the simulators ended while they started')))
  })

  async function control(init?: RequestInit): Promise<Shown> {
    const response = await fetch(`${origin}/control`, init)
    if (!response.ok) throw new Error(`the simulators refuse an order: ${await response.text()}`)
    return (await response.json()) as Shown
  }

  return {
    pid: child.pid ?? 0,
    jiraUrl: `${origin}/jira`,
    cloudUrl: `${origin}/cloud`,
    trelloUrl: `${origin}/trello`,
    confluenceUrl: `${origin}/confluence`,
    wikiUrl: `${origin}/wiki`,
    modelUrl: `${origin}/model/v1`,
    host: new URL(origin).host,
    async order(order) {
      await control({ method: 'POST', body: JSON.stringify(order) })
    },
    jira: async (which = 'jira') => (await control())[which].counters,
    counters: async (which) => (await control())[which].counters,
    faults: async (which) => (await control())[which].faults,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}

/** How many issues carry a marker, as a label or in their description. */
export function issuesWith(marker: string, { creates }: JiraCounters): number {
  return (creates.byLabel[marker] ?? 0) + (creates.byDescriptionMarker[marker] ?? 0)
}
