import { parseArgs } from 'node:util'
import { createControl } from './control.ts'
import { createCompanySimulator } from './company-model/company-simulator.ts'
import { createConfluenceSimulator } from './confluence/confluence-simulator.ts'
import {
  demoConfluence,
  demoConfluencePeople,
  demoCookie,
  demoModelKey,
  demoPeople,
  demoProjects,
  demoStore,
  demoTrelloBoards,
  demoTrelloKey,
  demoTrelloMembers,
} from './demo-data.ts'
import { createJiraSimulator } from './jira/jira-simulator.ts'
import { createModelSimulator } from './model/model-simulator.ts'
import { createObjectStoreSimulator } from './object-store/object-store-simulator.ts'
import { serveSimulators } from './serve.ts'
import { createTrelloSimulator } from './trello/trello-simulator.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8090' },
    host: { type: 'string', default: '127.0.0.1' },
    help: { type: 'boolean', default: false },
  },
})

const usage = `Serves a simulated Jira Data Center, a simulated Jira Cloud, Confluence Data
Center and Cloud, Trello, an S3-compatible store, a simulated model and one of a company.

  node apps/server/src/simulators/main.ts [--port 8090] [--host 127.0.0.1]

GET /control shows counters and faults; POST /control sets them.
`

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const control = createControl()
  const demo = { people: demoPeople, projects: demoProjects }
  const trello = { key: demoTrelloKey, members: demoTrelloMembers, boards: demoTrelloBoards }
  const served = await serveSimulators(
    {
      '/jira': (publicUrl) => createJiraSimulator({ publicUrl, flavour: 'dc', ...demo }),
      '/cloud': (publicUrl) => createJiraSimulator({ publicUrl, flavour: 'cloud', ...demo }),
      '/confluence': (publicUrl) =>
        createConfluenceSimulator({ publicUrl, flavour: 'dc', ...demoConfluence }),
      '/wiki': (publicUrl) =>
        createConfluenceSimulator({ publicUrl, flavour: 'cloud', ...demoConfluence }),
      '/trello': (publicUrl) => createTrelloSimulator({ publicUrl, ...trello }),
      '/store': () => createObjectStoreSimulator(demoStore),
      '/model/v1': () => createModelSimulator({ keys: [demoModelKey] }),
      '/kimi/v1': () => createModelSimulator({ keys: [demoModelKey], vendor: 'kimi' }),
      '/glm/v4': () => createModelSimulator({ keys: [demoModelKey], vendor: 'glm' }),
      '/company': () =>
        createCompanySimulator({
          cookies: Object.fromEntries(demoPeople.map(({ name }) => [name, demoCookie(name)])),
        }),
    },
    { port: Number(values.port), host: values.host, fallback: control.handle },
  )
  const { origin, simulators } = served
  control.connect({
    jira: simulators['/jira'],
    cloud: simulators['/cloud'],
    confluence: simulators['/confluence'],
    wiki: simulators['/wiki'],
    trello: simulators['/trello'],
    store: simulators['/store'],
    model: simulators['/model/v1'],
    kimi: simulators['/kimi/v1'],
    glm: simulators['/glm/v4'],
    company: simulators['/company'],
  })
  process.stdout.write(`${describe(origin)}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void served.close())
}

function describe(origin: string): string {
  const tokens = demoPeople.flatMap(
    ({ displayName, name, status, personalAccessToken, emailAddress, apiToken }, index) => [
      `  ${displayName} (${name}, ${status})`,
      `    Data Center token  ${personalAccessToken}`,
      `    Cloud login        ${emailAddress} with ${apiToken}`,
      `    Confluence token   ${demoConfluencePeople[index]?.personalAccessToken}`,
      `    Trello token       ${demoTrelloMembers[index]?.token}`,
    ],
  )
  return [
    `Simulated Jira Data Center  ${origin}/jira`,
    `Simulated Jira Cloud        ${origin}/cloud`,
    `Simulated Confluence DC     ${origin}/confluence`,
    `Simulated Confluence Cloud  ${origin}/wiki`,
    `Simulated Trello            ${origin}/trello  key ${demoTrelloKey}`,
    `Simulated S3 store          ${origin}/store  bucket ${demoStore.buckets.join(', ')} in ${demoStore.region}, key ${demoStore.accessKeyId} ${demoStore.secretAccessKey}`,
    `Simulated model             ${origin}/model/v1  key ${demoModelKey}`,
    `Simulated Kimi and GLM      ${origin}/kimi/v1 and ${origin}/glm/v4  key ${demoModelKey}`,
    `Simulated company model     ${origin}/company  cookie CORP_LOGIN=${demoCookie('<name>')}`,
    `Counters and faults         ${origin}/control`,
    'People:',
    ...tokens,
  ].join('\n')
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`The simulators did not start: ${text}\n`)
  process.exitCode = 1
})
