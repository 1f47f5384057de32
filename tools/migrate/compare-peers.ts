import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { startServer, type TestServer } from '../../packages/migrate/src/testing/server.ts'
import { type Claim, claims, type Verdict } from './peer-claims.ts'
import { openTrial } from './peer-trial.ts'

/**
 * Tries every claim of the README's table on a real server with every tool, our own included:
 * `node tools/migrate/compare-peers.ts [--write] [--tool <name>] [--claim <words of its title>]
 * [--verbose]`. With a tool nothing is written, because a line belongs to all of them.
 */
const repository = join(import.meta.dirname, '../..')
const readme = join(repository, 'packages/migrate/README.md')
const program = join(repository, 'packages/migrate/src/cli/main.ts')

const ours = 'studioops-migrate'
const peers: Readonly<Record<string, string>> = {
  'node-pg-migrate': '9.0.0',
  'drizzle-orm': '0.45.4',
  kysely: '0.28.18',
  umzug: '3.8.3',
  postgrator: '8.0.0',
  'graphile-migrate': '1.4.1',
}
const driver = '8.23.1'

type Row = { readonly claim: Claim; readonly verdicts: readonly Verdict[] }

async function prepareWorkshop(): Promise<string> {
  const workshop = await mkdtemp(join(tmpdir(), 'studioops-peers-'))
  await cp(join(import.meta.dirname, 'peers'), workshop, { recursive: true })
  await writeFile(join(workshop, 'package.json'), '{ "type": "module", "private": true }\n')
  const wanted = Object.entries(peers).filter(([name]) => tools.includes(name))
  const packages = [...wanted, ['pg', driver]].map(([name, version]) => `${name}@${version}`)
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--save-exact']
  await promisify(execFile)('npm', ['install', ...options, ...packages], { cwd: workshop })
  return workshop
}

type Scene = { readonly server: TestServer; readonly workshop: string }

async function tryClaim(claim: Claim, tool: string, scene: Scene): Promise<Verdict> {
  await using trial = await openTrial({ ...scene, tool, program, isVerbose: values.verbose })
  return claim.try(trial)
}

const signs = { yes: '✓', partly: '~', no: '✗' } as const

function cell({ holds, word }: Verdict): string {
  return word === '' ? signs[holds] : `${signs[holds]} ${word}`
}

function headOf(tools: readonly string[]): string {
  const title = (tool: string) => (tool === ours ? '**this**' : `${tool} ${peers[tool] ?? ''}`)
  return `| | ${tools.map(title).join(' | ')} |\n|---|${tools.map(() => '---').join('|')}|`
}

const claimCell = ({ title, how }: Claim) => `${title} <br><sub>${how}</sub>`

const lineOf = ({ claim, verdicts }: Row) =>
  `| ${claimCell(claim)} | ${verdicts.map(cell).join(' | ')} |`

const markers = ['<!-- peers: begin -->', '<!-- peers: end -->'] as const

/** Lines of claims that were not tried stay as they are. */
async function writeReadme(tools: readonly string[], rows: readonly Row[]): Promise<void> {
  const text = await readFile(readme, 'utf8')
  const [begin, end] = markers.map((marker) => text.indexOf(marker))
  if (begin === undefined || end === undefined || begin === -1 || end < begin)
    throw new Error(`the README has no place for the table between ${markers.join(' and ')}`)
  const known = text.slice(begin, end).split('\n')
  const lines = claims.flatMap((claim) => {
    const row = rows.find((one) => one.claim === claim)
    if (row !== undefined) return [lineOf(row)]
    return known.filter((line) => line.startsWith(`| ${claim.title} <br>`))
  })
  const before = text.slice(0, begin + markers[0].length)
  const table = [headOf(tools), ...lines].join('\n')
  await writeFile(readme, `${before}\n\n${table}\n\n${text.slice(end)}`)
}

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    claim: { type: 'string', multiple: true, default: [''] },
    tool: { type: 'string', multiple: true },
    verbose: { type: 'boolean', default: false },
  },
})
const tools = values.tool ?? [ours, ...Object.keys(peers)]
const chosen = claims.filter(({ title }) => values.claim.some((words) => title.includes(words)))

const workshop = await prepareWorkshop()
const server = await startServer({ settings: ['max_connections = 100'] })
try {
  const rows: Row[] = []
  for (const claim of chosen) {
    const verdicts: Verdict[] = []
    for (const tool of tools) {
      const verdict = await tryClaim(claim, tool, { server, workshop })
      verdicts.push(verdict)
      console.log(`${claim.title} · ${tool}: ${cell(verdict)}`)
    }
    rows.push({ claim, verdicts })
  }
  console.log(`\n${headOf(tools)}\n${rows.map(lineOf).join('\n')}`)
  if (values.write && values.tool === undefined) await writeReadme(tools, rows)
} finally {
  await server.stop()
  await rm(workshop, { recursive: true, force: true })
}
