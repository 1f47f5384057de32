import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import { createJiraClient } from '../integrations/jira/jira-client.ts'
import type { JiraCredential } from '../integrations/jira/jira-credential.ts'
import { createJiraMcpServer } from '../integrations/mcp/jira/jira-server.ts'
import { createLog } from '../platform/log/log.ts'
import { createOutbound } from '../platform/outbound/outbound.ts'
import { Secret } from '../platform/secret/secret.ts'

/**
 * Our Jira tools for an MCP host on this machine: `node apps/server/src/cli/mcp-jira.ts`. Standard
 * output belongs to the protocol; everything else goes to standard error.
 */
const manual = `StudioOps Jira tools over MCP (stdio).
Environment:
  JIRA_URL              address of Jira, with its context path
  JIRA_PERSONAL_TOKEN   personal access token of Jira Data Center; or, for Jira Cloud:
  JIRA_USERNAME         e-mail address, and
  JIRA_API_TOKEN        API token
  JIRA_SSL_VERIFY       false: accept any certificate (default true)
  READ_ONLY_MODE        true: no tools that write (default false)
`

const given = z.string().trim().min(1).optional().catch(undefined)
const isFalse = z
  .string()
  .optional()
  .transform((value) => value?.toLowerCase() === 'false')
const isTrue = z
  .string()
  .optional()
  .transform((value) => value?.toLowerCase() === 'true')

const environment = z
  .object({
    JIRA_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
    JIRA_PERSONAL_TOKEN: given,
    JIRA_USERNAME: given,
    JIRA_API_TOKEN: given,
    JIRA_SSL_VERIFY: isFalse,
    READ_ONLY_MODE: isTrue,
    ALLOWED_INTEGRATION_HOSTS: z.string().default(''),
  })
  .transform((env, context) => {
    const credential = credentialOf(env)
    if (credential !== undefined) return { ...env, credential }
    const message = 'is missing; for Jira Cloud set JIRA_USERNAME and JIRA_API_TOKEN instead'
    context.addIssue({ code: 'custom', path: ['JIRA_PERSONAL_TOKEN'], message })
    return z.NEVER
  })

type Settings = z.output<typeof environment>

function credentialOf(env: {
  readonly JIRA_PERSONAL_TOKEN?: string | undefined
  readonly JIRA_USERNAME?: string | undefined
  readonly JIRA_API_TOKEN?: string | undefined
}): JiraCredential | undefined {
  const { JIRA_PERSONAL_TOKEN: pat, JIRA_USERNAME: email, JIRA_API_TOKEN: token } = env
  if (pat !== undefined) return { kind: 'pat', token: new Secret(pat) }
  if (email === undefined || token === undefined) return undefined
  return { kind: 'basic', email, token: new Secret(token) }
}

function serve({ credential, ...env }: Settings): void {
  const log = createLog({ level: 'warn', destination: process.stderr })
  const outbound = createOutbound({
    log,
    allowed: {
      listed: env.ALLOWED_INTEGRATION_HOSTS.split(','),
      // Whoever starts the program names the address; it is trusted like a listed one.
      trustedOrigins: () => [env.JIRA_URL],
    },
  })
  const client = createJiraClient({
    outbound,
    baseUrl: env.JIRA_URL,
    flavour: credential.kind === 'pat' ? 'dc' : 'cloud',
    credential,
    verifyTls: !env.JIRA_SSL_VERIFY,
  })
  serveStdio(() => createJiraMcpServer(client, { readOnly: env.READ_ONLY_MODE }), {
    onerror: (error) => log.warn({ err: error }, 'mcp connection failed'),
  })
}

// oxlint-disable-next-line node/no-process-env -- this file is a program of its own
const settings = environment.safeParse(process.env)
if (settings.success) serve(settings.data)
else {
  const problems = settings.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  process.stderr.write(`${problems.join('\n')}\n\n${manual}`)
  process.exitCode = 2
}
