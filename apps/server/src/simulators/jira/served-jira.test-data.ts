import { demoPeople, demoProjects } from '../demo-data.ts'
import { serveSimulators } from '../serve.ts'
import type { JiraFlavour, JiraPerson } from './jira-catalog.ts'
import {
  createJiraSimulator,
  type JiraSimulator,
  type JiraSimulatorOptions,
} from './jira-simulator.ts'

type Call = {
  readonly method?: string
  readonly body?: unknown
  /** Name of a person; default Noa. `null`: nobody. */
  readonly as?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export type Reply = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined when the text is not JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where it is not there
  readonly json: any
}

export type ServedJira = AsyncDisposable & {
  /** With the context path. */
  readonly url: string
  readonly simulator: JiraSimulator
  readonly api: string
  call(path: string, call?: Call): Promise<Reply>
  create(fields: object, rest?: object): Promise<Reply>
}

export function personNamed(name: string): JiraPerson {
  const person = demoPeople.find((one) => one.name === name)
  if (person === undefined) throw new Error(`There is no ${name} in the demo.`)
  return person
}

export function authorizationOf(flavour: JiraFlavour, name: string): string {
  const { personalAccessToken, emailAddress, apiToken } = personNamed(name)
  return flavour === 'dc'
    ? `Bearer ${personalAccessToken}`
    : `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`
}

export async function serveJira(
  flavour: JiraFlavour,
  options: Partial<JiraSimulatorOptions> = {},
): Promise<ServedJira> {
  const served = await serveSimulators({
    '/jira': (publicUrl) =>
      createJiraSimulator({
        publicUrl,
        flavour,
        people: demoPeople,
        projects: demoProjects,
        ...options,
      }),
  })
  const url = `${served.origin}/jira`
  const api = `/rest/api/${flavour === 'dc' ? '2' : '3'}`

  const call = async (path: string, { method, body, as = 'noa.levi', headers }: Call = {}) => {
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(as === null ? {} : { authorization: authorizationOf(flavour, as) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }

  return {
    url,
    simulator: served.simulators['/jira'],
    api,
    call,
    create: (fields, rest = {}) =>
      call(`${api}/issue`, {
        body: {
          fields: { project: { key: 'PAY' }, issuetype: { name: 'Story' }, ...fields },
          ...rest,
        },
      }),
    [Symbol.asyncDispose]: () => served.close(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function adf(...texts: string[]): object {
  return {
    type: 'doc',
    version: 1,
    content: texts.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
  }
}
