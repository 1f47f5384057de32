import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { checkJiraToken, extendSession, register, signIn } from '@studioops/contracts/accounts'
import pg from 'pg'
import {
  createDocumentSweep,
  createMeanings,
  createPassages,
  createShelf,
  createStaging,
} from '../../apps/server/src/features/documents/index.ts'
import { createFilesObjectStore } from '../../apps/server/src/integrations/object-store/files-object-store.ts'
import { openDatabase } from '../../apps/server/src/platform/db/database.ts'
import { startEmbeddedPostgres } from '../../apps/server/src/platform/db/embedded/embedded-postgres.ts'
import { createLog } from '../../apps/server/src/platform/log/log.ts'
import { createSearchIndex } from '../../apps/server/src/platform/search/search-index.ts'
import { demoPeople } from '../../apps/server/src/simulators/demo-data.ts'
import { givenProject } from '../../apps/server/src/testing/sent-documents.ts'
import { createTestClient, type TestClient } from '../../apps/server/src/testing/test-client.ts'
import { startOutside } from './outside-process.ts'
import { makeDataDirectory, removeDataDirectory, startProduct } from './product-process.ts'

const password = 'Right1!pass'
/** Longer than anything that is left is kept for somebody to go on with. */
const laterMs = 3 * 24 * 3_600_000
const killsPerSession = 20

/** The tables and directories of a product that is stopped. */
export type Ground = {
  readonly owner: pg.Client
  /** Of objects, of staged bytes. */
  readonly objects: string
  readonly staging: string
  /** As the product does it each hour, three days later. @returns how much went */
  sweep(): Promise<number>
}

export type Scene = Awaited<ReturnType<typeof openScene>>

/** A product with one person and one project, at the same address after each start. */
export async function openScene() {
  await using opened = new AsyncDisposableStack()
  const outside = opened.use(await startOutside())
  const directory = await makeDataDirectory('uploads')
  opened.defer(() => removeDataDirectory(directory))
  const port = await freePort()
  const environment = {
    ALLOWED_INTEGRATION_HOSTS: outside.host,
    PORT: String(port),
    SESSION_TIMEOUT_MINUTES: '30',
  }
  const launch = () => startProduct({ directory, environment })
  let product = launch()
  opened.defer(() => product.stop())
  const client = createTestClient(await product.ready)
  await signUp(client, outside.jiraUrl)
  const projectId = await givenProject(client)
  let kills = 0
  const running = opened.move()
  return {
    client,
    projectId,
    kills: () => kills,
    async kill(): Promise<void> {
      await product.kill()
      kills += 1
    },
    async start(): Promise<void> {
      product = launch()
      await product.ready
      if (kills % killsPerSession === 0) await client.call(extendSession, {})
    },
    stop: () => product.stop(),
    withDatabase: <T>(work: (ground: Ground) => Promise<T>) => withDatabase(directory, work),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function withDatabase<T>(directory: string, work: (ground: Ground) => Promise<T>) {
  await using opened = new AsyncDisposableStack()
  const server = await startEmbeddedPostgres({ directory: join(directory, 'postgres') })
  opened.defer(() => server.stop())
  const target = { ...server.connection, database: 'studioops' }
  const owner = new pg.Client(target)
  await owner.connect()
  opened.defer(() => owner.end())
  const log = createLog({ level: 'silent' })
  const database = opened.use(openDatabase({ target, roles: 'switched' }, log))
  const files = join(directory, 'files')
  const objects = join(files, 'objects')
  const staging = join(files, 'staging')
  const meanings = createMeanings({
    database,
    jobs: { enqueue: async () => undefined },
    log,
    embedder: undefined,
  })
  const sweep = createDocumentSweep({
    database,
    meanings,
    staging: createStaging(staging),
    shelf: createShelf({
      files: createFilesObjectStore(objects),
      s3: async () => undefined,
      cacheDirectory: join(files, 'cache'),
    }),
    passages: createPassages({ database, log, index: createSearchIndex(), meanings }),
    cacheBytesMax: 0,
  })
  const later = () => new Date(Date.now() + laterMs)
  return await work({ owner, objects, staging, sweep: () => sweep(later()) })
}

async function signUp(client: TestClient, jiraUrl: string): Promise<void> {
  const [person] = demoPeople.filter(({ status }) => status === 'active')
  const token = person?.personalAccessToken ?? ''
  const { ticket, identity } = await client.call(checkJiraToken, { body: { jiraUrl, token } })
  await client.call(register, { body: { ticket, password } })
  await client.call(signIn, { body: { username: identity.employeeId, password } })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
