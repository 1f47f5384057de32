import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Environment } from '../config/sources.ts'
import type { SystemSettings } from '../integrations/mcp/system-servers.ts'
import type { ToolServerLimits } from '../integrations/mcp/tool-server.ts'
import { Secret } from '../platform/secret/secret.ts'

/** What is wrong with the environment, a line each. */
export class McpSettingsError extends Error {
  override readonly name = 'McpSettingsError'
}

const secretNames = [
  'JIRA_PERSONAL_TOKEN',
  'JIRA_API_TOKEN',
  'CONFLUENCE_PERSONAL_TOKEN',
  'CONFLUENCE_API_TOKEN',
  'TRELLO_API_KEY',
  'TRELLO_TOKEN',
  'MCP_BEARER_TOKEN',
]

/**
 * The environment with the content of files where `<NAME>_FILE` names one.
 *
 * @throws McpSettingsError for a file that cannot be read
 */
export function withSecretFiles(env: Environment): Environment {
  const read = secretNames.flatMap((name) => {
    const path = env[`${name}_FILE`]
    return path === undefined || path === '' ? [] : [[name, readSecret(name, path)] as const]
  })
  return { ...env, ...Object.fromEntries(read) }
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw new McpSettingsError(`${name}_FILE names a file that cannot be read`)
  }
}

const given = z.string().trim().min(1).optional().catch(undefined)
const isTrue = z
  .string()
  .optional()
  .transform((value) => value?.toLowerCase() === 'true')
const isNotFalse = z
  .string()
  .optional()
  .transform((value) => value?.toLowerCase() !== 'false')
const csv = z
  .string()
  .optional()
  .transform((value) => {
    const names = (value ?? '').split(',').map((name) => name.trim())
    const present = names.filter((name) => name !== '')
    return present.length === 0 ? undefined : present
  })

const shared = z.object({
  READ_ONLY_MODE: isTrue,
  TOOLSETS: csv,
  ENABLED_TOOLS: csv,
  MCP_LANGUAGE: z.enum(['en', 'he']).default('en').catch('en'),
})

/** Names as mcp-atlassian has them. */
export function readLimits(env: Environment): ToolServerLimits {
  const read = shared.parse(env)
  return {
    readOnly: read.READ_ONLY_MODE,
    toolsets: read.TOOLSETS,
    enabledTools: read.ENABLED_TOOLS,
    language: read.MCP_LANGUAGE,
  }
}

const address = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })

/**
 * @param prefix `JIRA` or `CONFLUENCE`
 * @throws McpSettingsError that names what is missing
 */
export function readAtlassian(env: Environment, prefix: string): SystemSettings {
  const shape = z.object({
    url: address,
    pat: given,
    email: given,
    token: given,
    verifyTls: isNotFalse,
  })
  const read = shape.safeParse({
    url: env[`${prefix}_URL`],
    pat: env[`${prefix}_PERSONAL_TOKEN`],
    email: env[`${prefix}_USERNAME`],
    token: env[`${prefix}_API_TOKEN`],
    verifyTls: env[`${prefix}_SSL_VERIFY`],
  })
  if (!read.success) throw new McpSettingsError(`${prefix}_URL must be an http or https address`)
  const { url: baseUrl, pat, email, token, verifyTls } = read.data
  const tls = { verifyTls }
  if (pat !== undefined) return { baseUrl, tls, flavour: 'dc', token: new Secret(pat) }
  if (email !== undefined && token !== undefined)
    return { baseUrl, tls, flavour: 'cloud', loginEmail: email, token: new Secret(token) }
  throw new McpSettingsError(
    `${prefix}_PERSONAL_TOKEN is missing; for Cloud set ${prefix}_USERNAME and ` +
      `${prefix}_API_TOKEN instead`,
  )
}

/** @throws McpSettingsError that names what is missing */
export function readTrello(env: Environment): SystemSettings {
  const shape = z.object({
    TRELLO_URL: address.default('https://api.trello.com'),
    TRELLO_API_KEY: z.string().trim().min(1),
    TRELLO_TOKEN: z.string().trim().min(1),
  })
  const read = shape.safeParse(env)
  if (!read.success) {
    const names = new Set(read.error.issues.map(({ path }) => String(path[0])))
    throw new McpSettingsError([...names].map((name) => `${name} is missing or wrong`).join('\n'))
  }
  const { TRELLO_URL: baseUrl, TRELLO_API_KEY: key, TRELLO_TOKEN: token } = read.data
  return { baseUrl, key: new Secret(key), token: new Secret(token) }
}
