import { checkJiraToken, register, signIn, stepUp } from '@studioops/contracts/accounts'
import { type Board, listBoards, readBoard } from '@studioops/contracts/boards'
import {
  saveConfluence,
  saveJiraBaseUrls,
  saveTrello,
  testConfluence,
  testTrello,
} from '@studioops/contracts/connections'
import { openProductDatabase } from '../../apps/server/src/cli/product-database.ts'
import { loadConfig } from '../../apps/server/src/config/config.ts'
import { createBoardExecutors } from '../../apps/server/src/features/boards/index.ts'
import { createOutboxService } from '../../apps/server/src/features/outbox/outbox.service.ts'
import { createPageCreator } from '../../apps/server/src/features/pages/index.ts'
import { createIssueExecutor } from '../../apps/server/src/features/stories/stories.jira.ts'
import { createAudit } from '../../apps/server/src/platform/audit/audit.ts'
import type { Database } from '../../apps/server/src/platform/db/database.ts'
import {
  demoConfluencePeople,
  demoPeople,
  demoTrelloKey,
  demoTrelloMembers,
} from '../../apps/server/src/simulators/demo-data.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { type Outside, startOutside } from './outside-process.ts'
import {
  makeDataDirectory,
  removeDataDirectory,
  startProduct,
  startWorkerProcess,
  type WorkerProcess,
} from './product-process.ts'

const password = 'Right1!pass'

/** Somebody with a Jira, a Confluence and a Trello. */
export type Person = {
  readonly name: string
  readonly userId: string
  readonly client: TestClient
  readonly jiraUrl: string
  readonly confluenceUrl: string
  /** A session that nobody used ends in the middle of a long campaign. */
  signIn(): Promise<string>
}

/** A server that leaves the outbox to workers, which are killed and started again. */
export type Scene = {
  readonly directory: string
  readonly outside: Outside
  readonly database: Database
  readonly outbox: ReturnType<typeof createOutboxService>
  readonly people: readonly Person[]
  /** All of them write on it. */
  readonly board: Board
  /**
   * SIGKILL for one of the workers that are there, and its start anew, which is not waited for.
   *
   * @returns false when none is there
   */
  killWorker(): Promise<boolean>
  keep(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** @throws when the product, its workers or the simulators do not start */
export async function openScene(workerCount: number): Promise<Scene> {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  const directory = await makeDataDirectory('exactly-once')
  let keeps = false
  opened.defer(async () => {
    if (!keeps) await removeDataDirectory(directory)
  })
  const environment = {
    ALLOWED_INTEGRATION_HOSTS: outside.host,
    OUTBOX_LOOKUP_SECONDS: '0.2,0.6,3',
    WORKER: 'false',
  }
  const product = startProduct({ directory, environment })
  opened.defer(() => product.stop())
  const people = await signUp(await product.ready, outside)
  const board = await openBoard(people)

  const config = loadConfig({ STUDIOOPS_DATA_DIR: directory, ...environment })
  const database = await openProductDatabase(config, opened)
  const outbox = createOutboxService({
    database,
    audit: createAudit(database),
    // Here it is only planned; the workers carry it out with what is theirs.
    executors: {
      'jira.issue.create': createIssueExecutor(unused),
      'confluence.page.create': createPageCreator(unused),
      ...createBoardExecutors(unused),
    },
  })
  const workers: WorkerProcess[] = []
  /** Those that are there; the longest there is killed first. */
  const there: number[] = []
  let isOver = false
  /** As whoever runs programs for an operator: one that ends is started again. */
  const start = async (index: number): Promise<void> => {
    const worker = startWorkerProcess({ directory, environment }, `worker-${index}`)
    workers[index] = worker
    const isReady = await worker.ready.then(
      () => true,
      () => false,
    )
    if (isReady) there.push(index)
    else if (!isOver) await start(index)
  }
  opened.defer(async () => {
    isOver = true
    await Promise.all(workers.map((worker) => worker.stop()))
  })
  await Promise.all(Array.from({ length: workerCount }, (_, index) => start(index)))
  const running = opened.move()
  return {
    directory,
    outside,
    database,
    outbox,
    people,
    board,
    async killWorker() {
      const index = there.shift()
      if (index === undefined) return false
      await workers[index]?.kill()
      void start(index)
      return true
    },
    keep() {
      keeps = true
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const never = () => Promise.reject(new Error('nothing is sent from here'))

const unused = {
  openJira: never,
  openConfluence: never,
  openTrello: never,
  desk: { learn: never },
  connections: { noteUse: async () => undefined },
}

/** Two with the systems of the data center, one with those of the Cloud; all with Trello. */
async function signUp(origin: string, outside: Outside): Promise<Person[]> {
  const people: Person[] = []
  const active = demoPeople.filter(({ status }) => status === 'active').slice(0, 3)
  for (const [index, person] of active.entries()) {
    const isCloud = index === 1
    const jiraUrl = isCloud ? outside.cloudUrl : outside.jiraUrl
    const client = createTestClient(origin)
    const email = `${person.name}@studio.example`
    const access = isCloud
      ? { token: person.apiToken, cloudEmail: person.emailAddress }
      : { token: person.personalAccessToken }
    const { ticket } = await client.call(checkJiraToken, { body: { jiraUrl, ...access } })
    await client.call(register, { body: { ticket, password, email } })
    const enter = async () => {
      const { session } = await client.call(signIn, { body: { username: email, password } })
      return session.account.id
    }
    const userId = await enter()
    if (index === 0) {
      await client.call(stepUp, { body: { password } })
      const urls = [outside.jiraUrl, outside.cloudUrl]
      await client.call(saveJiraBaseUrls, { body: { urls } })
    }
    await connectTrello(client, { outside, index })
    const confluenceUrl = await connectConfluence(client, { outside, index, isCloud })
    people.push({ name: person.name, userId, client, jiraUrl, confluenceUrl, signIn: enter })
  }
  return people
}

type Place = { readonly outside: Outside; readonly index: number }

async function connectTrello(client: TestClient, { outside, index }: Place): Promise<void> {
  const token = demoTrelloMembers[index]?.token ?? ''
  const body = { baseUrl: outside.trelloUrl, key: demoTrelloKey, token }
  await client.call(saveTrello, { body })
  await client.call(testTrello, { body })
}

/** @returns its address */
async function connectConfluence(
  client: TestClient,
  { outside, index, isCloud }: Place & { readonly isCloud: boolean },
): Promise<string> {
  const person = demoConfluencePeople[index]
  if (person === undefined) throw new Error('there is nobody in Confluence')
  const baseUrl = isCloud ? outside.wikiUrl : outside.confluenceUrl
  const body = isCloud
    ? {
        baseUrl,
        flavour: 'cloud' as const,
        token: person.apiToken,
        loginEmail: person.emailAddress,
      }
    : { baseUrl, flavour: 'dc' as const, token: person.personalAccessToken }
  await client.call(saveConfluence, { body })
  await client.call(testConfluence, { body })
  return baseUrl
}

async function openBoard([person]: readonly Person[]): Promise<Board> {
  const { boards } = (await person?.client.call(listBoards, {})) ?? { boards: [] }
  const params = { boardId: boards[0]?.id ?? '' }
  const shown = await person?.client.call(readBoard, { params })
  if (shown === undefined) throw new Error('nobody has a board')
  return shown.board
}
