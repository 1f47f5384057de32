import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Config } from '../config/config.ts'
import type { Words } from '../config/variables.ts'
import { readWorkspace } from '../features/installation/installation.store.ts'
import type { Database } from '../platform/db/database.ts'
import { claimDataDirectory, DataDirectoryInUse } from '../platform/instance/data-directory.ts'
import { createOutbound } from '../platform/outbound/outbound.ts'
import { codeOf, OutboundError } from '../platform/outbound/outbound-error.ts'
import { companyProblems } from './company-problems.ts'

/** The tables of a configuration; the caller closes them at its end. */
export type OpenDatabase = (config: Config) => Promise<Database>

type Result = { readonly state: 'passed' | 'failed' | 'skipped'; readonly detail: Words }
export type CheckedService = {
  readonly title: Words
  readonly result: Result
  readonly durationMs: number
}

const same = (text: string): Words => ({ en: text, he: text })
const passed = (detail: Words): Result => ({ state: 'passed', detail })
const failed = (detail: Words): Result => ({ state: 'failed', detail })
const skipped = (detail: Words): Result => ({ state: 'skipped', detail })

/** Tries what the product needs, one after the other, each with its time. */
export async function* checkServices(
  config: Config,
  openDatabase: OpenDatabase,
): AsyncGenerator<CheckedService> {
  yield await timed({ en: 'data directory', he: 'תיקיית נתונים' }, () => checkDisk(config))
  const isRunning = await isHeld(config)
  let jiraUrls: readonly string[] | undefined
  yield await timed({ en: 'database', he: 'מסד נתונים' }, async () => {
    const database = await openDatabase(config)
    await database.ping().catch(explainMissingRoles)
    jiraUrls = (await database.asVisitor(readWorkspace)).jira_base_urls
    return passed(same(config.database.kind === 'embedded' ? 'embedded' : 'DATABASE_URL'))
  })
  for (const [name, host, port] of portsOf(config))
    yield await timed({ en: `port ${name}`, he: `פורט ${name}` }, () =>
      checkPort({ host, port, isRunning }),
    )
  for (const url of jiraUrls ?? [])
    yield await timed(same(`Jira ${url}`), () => checkJira(config, { url, listed: jiraUrls ?? [] }))
  yield await timed({ en: 'company model', he: 'מודל ארגוני' }, () => checkCompanyModel(config))
}

async function isHeld({ dataDirectory }: Config): Promise<boolean> {
  try {
    await using _ = await claimDataDirectory(dataDirectory, { waitMs: 0 })
    return false
  } catch (error) {
    return error instanceof DataDirectoryInUse
  }
}

async function timed(title: Words, check: () => Promise<Result>): Promise<CheckedService> {
  const began = performance.now()
  const result = await check().catch((error: unknown) => failed(same(reasonOf(error))))
  return { title, result, durationMs: Math.round(performance.now() - began) }
}

/** A driver may put what it sent into its message; a code and our own sentences never hold secrets. */
function reasonOf(error: unknown): string {
  if (error instanceof MissingSchema) return error.message
  const code = codeOf(error)
  if (code !== '') return code
  return error instanceof Error
    ? (error.message.split('\n')[0]?.slice(0, 200) ?? '')
    : String(error)
}

class MissingSchema extends Error {}

/** An empty database has none of our roles yet; the first start makes them. */
function explainMissingRoles(error: unknown): never {
  const code = codeOf(error)
  if (['22023', '42704', '28000', '3D000', '42P01'].includes(code))
    throw new MissingSchema(
      'It answers, and is empty: npm start or studioops migrate up fills it. / הוא עונה וריק: npm start או studioops migrate up ימלאו אותו.',
    )
  throw error
}

const leastFreeBytes = 500_000_000

async function checkDisk({ dataDirectory }: Config): Promise<Result> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  await access(dataDirectory, constants.W_OK)
  const { bavail, bsize } = await statfs(dataDirectory)
  const free = bavail * bsize
  const gigabytes = (free / 1e9).toFixed(1)
  const detail = {
    en: `${dataDirectory}, ${gigabytes} GB free`,
    he: `${dataDirectory}, ${gigabytes} GB פנויים`,
  }
  return free < leastFreeBytes ? failed(detail) : passed(detail)
}

function portsOf({ http, healthPort }: Config): [string, string, number][] {
  const main: [string, string, number] = ['PORT', http.host, http.port]
  return healthPort === undefined ? [main] : [main, ['HEALTH_CHECK_PORT', '127.0.0.1', healthPort]]
}

type Listening = { readonly host: string; readonly port: number; readonly isRunning: boolean }

async function checkPort({ host, port, isRunning }: Listening): Promise<Result> {
  const taken = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(codeOf(error)))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
  if (taken === undefined) return passed({ en: `${port} is free`, he: `${port} פנוי` })
  if (isRunning)
    return passed({ en: `${port}, StudioOps is running`, he: `${port}, StudioOps פועל` })
  return failed({
    en: `${port} cannot be opened (${taken}); stop the other program or choose another port`,
    he: `לא ניתן לפתוח את ${port} (${taken}); יש לעצור את התוכנה האחרת או לבחור פורט אחר`,
  })
}

const jiraMs = 8_000

async function checkJira(
  { allowedHosts, outboundTimeouts }: Config,
  { url, listed }: { readonly url: string; readonly listed: readonly string[] },
): Promise<Result> {
  await using outbound = createOutbound({
    timeouts: outboundTimeouts,
    allowed: { listed: allowedHosts, jiraBaseUrls: () => listed },
  })
  try {
    const address = `${url.replace(/\/+$/, '')}/rest/api/2/serverInfo`
    const { status } = await outbound.send({ url: address, deadlineMs: jiraMs, retriesMax: 0 })
    const detail = same(`HTTP ${status}`)
    // Without a token some refuse to say who they are; that they answer is what is asked here.
    return status < 500 ? passed(detail) : failed(detail)
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return failed(same(`${error.kind}: ${error.failure.detail}`))
  }
}

async function checkCompanyModel({ companyModelDirectory }: Config): Promise<Result> {
  const isThere = await access(`${companyModelDirectory}/config.json`).then(
    () => true,
    () => false,
  )
  if (!isThere) return skipped({ en: 'not set up', he: 'לא הוגדר' })
  const problems = await companyProblems(companyModelDirectory, 'en')
  const detail = { en: companyModelDirectory, he: companyModelDirectory }
  return problems.length === 0 ? passed(detail) : failed(same(problems[0] ?? ''))
}
