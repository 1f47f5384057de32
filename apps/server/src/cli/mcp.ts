import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Environment } from '../config/sources.ts'
import { serveOverHttp } from '../integrations/mcp/serve-over-http.ts'
import {
  type BuiltInSystem,
  builtInSystems,
  createSystemServers,
  describedServers,
  type SystemSettings,
} from '../integrations/mcp/system-servers.ts'
import { createLog, type Log } from '../platform/log/log.ts'
import { createOutbound } from '../platform/outbound/outbound.ts'
import { Secret } from '../platform/secret/secret.ts'
import {
  McpSettingsError,
  readAtlassian,
  readLimits,
  readTrello,
  withSecretFiles,
} from './mcp-settings.ts'

const manual = `Usage: studioops mcp <jira|confluence|trello> [options]

Serves one system as MCP tools, over stdio. Standard output belongs to the protocol. Needs neither
the rest of the product nor its database.

Options:
  --read-only            no tools that write (READ_ONLY_MODE=true)
  --toolsets a,b         only these groups of tools (TOOLSETS)
  --enabled-tools a,b    only these tools (ENABLED_TOOLS)
  --filter A,B           only these projects, spaces or boards
                         (JIRA_PROJECTS_FILTER, CONFLUENCE_SPACES_FILTER, TRELLO_BOARDS_FILTER)
  --language en|he       of errors (MCP_LANGUAGE)
  --http                 over Streamable HTTP instead, at /mcp
  --port 8090            of --http
  --host 127.0.0.1       of --http
  --tools                list the tools and end

Environment; each secret also as <NAME>_FILE with the path of a file:
  jira        JIRA_URL, JIRA_PERSONAL_TOKEN; for Cloud JIRA_USERNAME and JIRA_API_TOKEN;
              JIRA_SSL_VERIFY=false accepts any certificate
  confluence  CONFLUENCE_URL and the same names with CONFLUENCE_
  trello      TRELLO_API_KEY, TRELLO_TOKEN; TRELLO_URL for another address
  --http      MCP_BEARER_TOKEN; where it is absent one is made and told on standard error
  all         ALLOWED_INTEGRATION_HOSTS for more hosts on private addresses
`

type System = {
  readonly filterName: string
  /** @throws McpSettingsError */
  readonly read: (env: Environment) => SystemSettings
}

const systems: Readonly<Record<BuiltInSystem, System>> = {
  jira: {
    filterName: 'JIRA_PROJECTS_FILTER',
    read: (env) => readAtlassian(env, 'JIRA'),
  },
  confluence: {
    filterName: 'CONFLUENCE_SPACES_FILTER',
    read: (env) => readAtlassian(env, 'CONFLUENCE'),
  },
  trello: { filterName: 'TRELLO_BOARDS_FILTER', read: readTrello },
}

const options = {
  'read-only': { type: 'boolean' },
  toolsets: { type: 'string' },
  'enabled-tools': { type: 'string' },
  filter: { type: 'string' },
  language: { type: 'string' },
  http: { type: 'boolean' },
  port: { type: 'string', default: '8090' },
  host: { type: 'string', default: '127.0.0.1' },
  tools: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Given = {
  readonly values: ReturnType<typeof parse>['values']
  readonly system: BuiltInSystem
}

type Surroundings = {
  readonly env: Environment
  readonly write: (text: string) => void
  readonly tell: (text: string) => void
  /** Ends the serving. */
  readonly signal: AbortSignal
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

/**
 * `studioops mcp …`. Resolves when the connection or the serving has ended.
 *
 * @returns the exit code; 2 where settings are missing
 */
export async function runMcp(args: readonly string[], around: Surroundings): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const system = builtInSystems.find((name) => name === positionals[0])
    if (values.help === true || system === undefined) {
      ;(values.help === true ? around.write : around.tell)(manual)
      return values.help === true ? 0 : 3
    }
    return await run({ values, system }, around)
  } catch (error) {
    if (!(error instanceof McpSettingsError) && !isArgumentError(error)) throw error
    around.tell(`${error.message}\n\n${manual}`)
    return 2
  }
}

async function run({ values, system }: Given, around: Surroundings): Promise<number> {
  if (values.tools === true) {
    const names = describedServers[system].tools.map(
      ({ name, effect, title }) => `${name}\t${effect}\t${title}`,
    )
    around.write(`${names.join('\n')}\n`)
    return 0
  }
  const env = withSecretFiles(around.env)
  const log = createLog({ level: 'warn', destination: process.stderr })
  const settings = systems[system].read(env)
  await using outbound = createOutbound({
    log,
    allowed: {
      listed: (env['ALLOWED_INTEGRATION_HOSTS'] ?? '').split(','),
      // Whoever starts the program names the address; it is trusted like a listed one.
      trustedOrigins: () => [settings.baseUrl],
    },
  })
  const limits = readLimits({
    ...env,
    ...(values['read-only'] === true && { READ_ONLY_MODE: 'true' }),
    ...(values.toolsets !== undefined && { TOOLSETS: values.toolsets }),
    ...(values['enabled-tools'] !== undefined && { ENABLED_TOOLS: values['enabled-tools'] }),
    ...(values.language !== undefined && { MCP_LANGUAGE: values.language }),
  })
  const filter = filterOf(values.filter ?? env[systems[system].filterName])
  const create = createSystemServers({ outbound, log })
  const make = () => create(system, () => settings, { ...limits, filter })
  const { signal } = around
  if (values.http !== true) await overStdio(make, { log, signal })
  else await overHttp(make, { ...values, env, log, signal, tell: around.tell })
  return 0
}

function filterOf(text: string | undefined): string[] | undefined {
  const keys = text
    ?.split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
  return keys === undefined || keys.length === 0 ? undefined : keys
}

async function overStdio(
  make: () => McpServer,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const serving = serveStdio(make, {
    onerror: (error) => log.warn({ err: error }, 'mcp connection failed'),
  })
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await serving.close()
}

type HttpOptions = {
  readonly port: string
  readonly host: string
  readonly env: Environment
  readonly log: Log
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

async function overHttp(
  make: () => McpServer,
  { port, host, env, log, signal, tell }: HttpOptions,
): Promise<void> {
  const given = env['MCP_BEARER_TOKEN']
  const token = given ?? randomBytes(24).toString('base64url')
  await using serving = await serveOverHttp(make, {
    port: Number(port),
    host,
    token: new Secret(token),
    log,
  })
  tell(`serving ${serving.url}\n`)
  if (given === undefined) tell(`send this header: Authorization: Bearer ${token}\n`)
  if (!signal.aborted)
    await new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    )
}

function isArgumentError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('ERR_PARSE_ARGS')
  )
}
