import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import {
  companyFileNames,
  type CompanyTexts,
  readCompanyFiles,
} from '../../integrations/llm/company/company-files.ts'
import { testCompanyModel } from '../../integrations/llm/company/test-company-model.ts'
import { createModelMemory } from '../../integrations/llm/model-connection.ts'
import { createToolClients } from '../../integrations/mcp/client/tool-clients.ts'
import { ToolServerError } from '../../integrations/mcp/client/tool-server-error.ts'
import { tryObjectStore } from '../../integrations/object-store/try-object-store.ts'
import { createTries } from '../../integrations/reach/tries.ts'
import type { Outbound } from '../../platform/outbound/outbound.ts'
import type { TlsChoice } from '../../platform/outbound/pinned-connection.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { createCompanySimulator } from '../../simulators/company-model/company-simulator.ts'
import { createConfluenceSimulator } from '../../simulators/confluence/confluence-simulator.ts'
import {
  demoConfluencePeople,
  demoConfluenceSpaces,
  demoCookie,
  demoModelKey,
  demoPeople,
  demoProjects,
  demoStore,
  demoTrelloBoards,
  demoTrelloKey,
  demoTrelloMembers,
} from '../../simulators/demo-data.ts'
import { createJiraSimulator } from '../../simulators/jira/jira-simulator.ts'
import { createModelSimulator } from '../../simulators/model/model-simulator.ts'
import { createObjectStoreSimulator } from '../../simulators/object-store/object-store-simulator.ts'
import type { Simulator } from '../../simulators/simulator.ts'
import { createTrelloSimulator } from '../../simulators/trello/trello-simulator.ts'

export const dependencyNames = [
  'jira',
  'confluence',
  'trello',
  'object-store',
  'model',
  'company-model',
  'mcp',
] as const
export type DependencyName = (typeof dependencyNames)[number]

type Outcome = {
  readonly steps: readonly {
    readonly step: string
    readonly state: string
    readonly failure?: { readonly code: ErrorCode; readonly facts: Facts }
  }[]
}

type Question = { readonly outbound: Outbound; readonly baseUrl: string; readonly tls: TlsChoice }

type Dependency = {
  /** Below the address of the server; what the simulator believes to be called. */
  readonly path: string
  simulate(publicUrl: string): Pick<Simulator, 'handle' | 'close'>
  /** The test that stands behind the button of its section. */
  ask(question: Question): Promise<Outcome>
}

const [noa, ,] = demoPeople
const [wikiPerson] = demoConfluencePeople
const [member] = demoTrelloMembers
if (noa === undefined || wikiPerson === undefined || member === undefined)
  throw new Error('the demo has nobody')
const pace = { firstTokenMs: 1, gapMs: 0 }

function tries(outbound: Outbound) {
  return createTries({ outbound, memory: createModelMemory(), before: async () => undefined })
}

const folder = join(import.meta.dirname, '../../../company-model')

function companyFiles(baseUrl: string, { ca }: TlsChoice) {
  const texts = Object.fromEntries(
    companyFileNames.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  ) as CompanyTexts
  const config = {
    ...(JSON.parse(texts['config.json']) as object),
    baseUrl,
    tls: { verify: true, ca },
  }
  const read = readCompanyFiles({ ...texts, 'config.json': JSON.stringify(config) })
  if (read.kind === 'broken') throw new Error(JSON.stringify(read.problems))
  return read.files
}

export const dependencies: Readonly<Record<DependencyName, Dependency>> = {
  jira: {
    path: '/jira',
    simulate: (publicUrl) =>
      createJiraSimulator({
        publicUrl,
        flavour: 'dc',
        people: demoPeople,
        projects: demoProjects,
      }),
    ask: ({ outbound, ...settings }) =>
      tries(outbound).jira({
        ...settings,
        flavour: 'dc',
        token: new Secret(noa.personalAccessToken),
      }),
  },
  confluence: {
    path: '/confluence',
    simulate: (publicUrl) =>
      createConfluenceSimulator({
        publicUrl,
        flavour: 'dc',
        people: demoConfluencePeople,
        spaces: demoConfluenceSpaces,
      }),
    ask: ({ outbound, ...settings }) =>
      tries(outbound).confluence({
        ...settings,
        flavour: 'dc',
        token: new Secret(wikiPerson.personalAccessToken),
      }),
  },
  trello: {
    path: '/trello',
    simulate: () =>
      createTrelloSimulator({
        key: demoTrelloKey,
        members: demoTrelloMembers,
        boards: demoTrelloBoards,
      }),
    ask: ({ outbound, ...settings }) =>
      tries(outbound).trello({
        ...settings,
        key: new Secret(demoTrelloKey),
        token: new Secret(member.token),
      }),
  },
  'object-store': {
    path: '/store',
    simulate: () => createObjectStoreSimulator(demoStore),
    ask: ({ outbound, baseUrl, tls }) =>
      tryObjectStore(outbound, {
        endpoint: baseUrl,
        region: demoStore.region,
        bucket: demoStore.buckets[0] ?? '',
        accessKeyId: demoStore.accessKeyId,
        secretAccessKey: new Secret(demoStore.secretAccessKey),
        tls,
      }),
  },
  model: {
    path: '/model/v1',
    simulate: () => createModelSimulator({ keys: [demoModelKey], models: ['demo-writer'], pace }),
    ask: ({ outbound, ...settings }) =>
      tries(outbound).model({ ...settings, model: 'demo-writer', key: new Secret(demoModelKey) }),
  },
  'company-model': {
    path: '/company',
    simulate: () => createCompanySimulator({ cookies: { [noa.name]: demoCookie(noa.name) }, pace }),
    ask: ({ outbound, baseUrl, tls }) =>
      testCompanyModel(
        {
          outbound,
          files: companyFiles(baseUrl, tls),
          credentialKey: 'noa',
          person: {
            employeeId: noa.name,
            email: `${noa.name}@studio.example`,
            language: 'en',
            cookie: new Secret(demoCookie(noa.name)),
          },
        },
        { system: 'jira', person: { id: { kind: 'data-center', value: noa.name } } },
      ),
  },
  mcp: {
    path: '/mcp',
    simulate: serveNotes,
    async ask({ outbound, baseUrl, tls }) {
      const clients = createToolClients({ outbound, times: { connect: 8_000, list: 8_000 } })
      const token = new Secret(demoModelKey)
      try {
        await clients.tryTools({ kind: 'http', name: 'Notes', url: baseUrl, token, tls })
        return { steps: [{ step: 'tools', state: 'passed' }] }
      } catch (error) {
        if (!(error instanceof ToolServerError)) throw error
        const { code, facts } = error
        return { steps: [{ step: 'tools', state: 'failed', failure: { code, facts } }] }
      }
    },
  },
}

/** A server of tools as somebody else writes it with the SDK: both eras, nothing of ours. */
function serveNotes() {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('note', { description: 'Keeps a note.' }, () => ({ content: [] }))
    return server
  })
  const answer = toNodeHandler(handler)
  return {
    handle: (request: IncomingMessage, response: ServerResponse) =>
      void answer(request as Parameters<typeof answer>[0], response),
    close: () => void handler.close(),
  }
}
