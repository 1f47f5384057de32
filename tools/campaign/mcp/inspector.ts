import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createAccessToken } from '@studioops/contracts/access-tokens'
import { jiraServer } from '../../../apps/server/src/integrations/mcp/jira/jira-server.ts'
import { serveOverHttp } from '../../../apps/server/src/integrations/mcp/serve-over-http.ts'
import {
  type BuiltInSystem,
  builtInSystems,
  createSystemServers,
} from '../../../apps/server/src/integrations/mcp/system-servers.ts'
import { createOutbound } from '../../../apps/server/src/platform/outbound/outbound.ts'
import { Secret } from '../../../apps/server/src/platform/secret/secret.ts'
import { startTestApp } from '../../../apps/server/src/testing/test-app.ts'
import { startTestServer } from '../../../apps/server/src/testing/test-server.ts'

const inspector = '@modelcontextprotocol/inspector@2.12'
const program = join(import.meta.dirname, '../../../apps/server/src/cli/studioops.ts')

const environment: Readonly<Record<BuiltInSystem, Readonly<Record<string, string>>>> = {
  jira: { JIRA_URL: 'https://jira.example', JIRA_PERSONAL_TOKEN: 'x' },
  confluence: { CONFLUENCE_URL: 'https://wiki.example', CONFLUENCE_PERSONAL_TOKEN: 'x' },
  trello: { TRELLO_API_KEY: 'x', TRELLO_TOKEN: 'x' },
}

/**
 * `tools/list` with `--strict`, which fails on schemas that do not port between hosts: our three
 * systems over stdio and HTTP, and StudioOps itself over HTTP.
 */
export async function inspectServers(say: (line: string) => void): Promise<string[]> {
  const problems: string[] = []
  const look = async (name: string, target: readonly string[]) => {
    const { code, output } = await inspect(target)
    say(`  ${name}: exit ${code}`)
    if (code !== 0) problems.push(`${name}: ${output.trim().slice(-400)}`)
  }

  for (const system of builtInSystems) {
    const env = Object.entries(environment[system]).flatMap(([key, value]) => [
      '-e',
      `${key}=${value}`,
    ])
    await look(`${system} over stdio`, [...env, process.execPath, program, 'mcp', system])
  }
  await using outbound = createOutbound({ allowed: { listed: [] } })
  const create = createSystemServers({ outbound })
  for (const system of builtInSystems) {
    const token = randomBytes(16).toString('hex')
    await using served = await serveOverHttp(
      () =>
        create(system, () => ({ baseUrl: 'https://system.example', token: new Secret('x') }), {}),
      { port: 0, host: '127.0.0.1', token: new Secret(token) },
    )
    await look(`${system} over HTTP`, overHttp(served.url, token))
  }
  const postgres = await startTestServer()
  try {
    await using test = await startTestApp({ postgres: postgres.connection })
    const person = await test.steppedUp()
    const body = {
      name: 'inspector',
      days: 1,
      scopes: ['stories.read', 'stories.draft', 'waiting.read', 'health.read'] as const,
    }
    const { secret } = await person.call(createAccessToken, {
      body: { ...body, scopes: [...body.scopes] },
    })
    await look('StudioOps over HTTP', overHttp(`${test.origin}/mcp`, secret))
  } finally {
    await postgres.stop()
  }
  say(`  ${jiraServer.tools.length} tools of Jira among them`)
  return problems
}

function overHttp(url: string, token: string): string[] {
  return [url, '--transport', 'http', '--header', `authorization: Bearer ${token}`]
}

function inspect(target: readonly string[]): Promise<{ code: number; output: string }> {
  const args = ['-y', '-p', inspector, 'mcp-inspector', '--cli', ...target]
  return new Promise((resolve) => {
    execFile(
      'npx',
      [...args, '--method', 'tools/list', '--strict'],
      { timeout: 180_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, output: `${stdout}\n${stderr}` })
      },
    )
  })
}
