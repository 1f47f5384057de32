import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inspectServers } from './mcp/inspector.ts'
import { serveFixture } from './mcp/fixture-server.ts'

const usage = `Has MCP judged by others.

  npm run campaign:mcp -- [server] [client] [inspector]

server     The conformance suite against a fixture behind our HTTP stack, for both editions.
client     The client legs of the suite, on our way out.
inspector  The MCP Inspector, strict, against our four servers over HTTP and stdio; fetched on demand.

Without a name all of them run.
`

const editions = ['2025-11-25', '2026-07-28'] as const
/** The suite begins all clients at once and gives each 30 s, which two busy cores do not keep. */
const scenarioMs = 240_000
const suite = join(
  createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'),
  '../dist/index.js',
)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', default: false } },
})

/** @returns what is wrong, a sentence each */
type Campaign = () => Promise<readonly string[]>

const campaigns: Readonly<Record<string, Campaign>> = {
  async server() {
    await using fixture = await serveFixture()
    return await judge((edition) => ['server', '--url', fixture.url, '--requirements', edition])
  },
  client() {
    const program = join(import.meta.dirname, 'mcp/conformance-client.ts')
    const command = `${process.execPath} --disable-warning=ExperimentalWarning ${program}`
    return judge((edition) => ['client', '--command', command, '--requirements', edition])
  },
  inspector: () => inspectServers((line) => console.log(line)),
}

async function judge(argsOf: (edition: string) => string[]): Promise<string[]> {
  const problems: string[] = []
  for (const edition of editions) {
    const args = [suite, ...argsOf(edition), '--timeout', String(scenarioMs)]
    const { code, output } = await run(process.execPath, args)
    const summary = output.split('\n').filter((line) => /total|passed|failed|✗|✘|FAIL/i.test(line))
    console.log(`  ${edition}: exit ${code}\n${summary.slice(-25).join('\n')}`)
    if (code !== 0) problems.push(`${argsOf(edition)[0] ?? ''} does not conform to ${edition}`)
  }
  return problems
}

function run(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const hear = (chunk: Buffer) => (output += chunk.toString())
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('close', (code) => resolve({ code, output }))
  })
}

async function main(): Promise<void> {
  const names = positionals.length === 0 ? Object.keys(campaigns) : positionals
  if (values.help || names.some((name) => !(name in campaigns))) {
    console.log(usage)
    process.exitCode = 2 * Number(!values.help)
    return
  }
  const problems: string[] = []
  for (const name of names) {
    console.log(name)
    problems.push(...((await campaigns[name]?.()) ?? []))
  }
  for (const problem of problems) console.log(`✗ ${problem}`)
  const isClean = problems.length === 0
  console.log(isClean ? 'Nothing is wrong.' : `${problems.length} things are wrong.`)
  process.exitCode = Number(!isClean)
}

await main()
