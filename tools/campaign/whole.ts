import { execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Step, steps } from './whole-plan.ts'
import { describeRuns, type Run } from './whole-report.ts'

const usage = `Runs every campaign and benchmark of the repository, one after the other, and writes a report.

  npm run campaign -- [name…] [--quick] [--again] [--seed N]
  npm run campaign -- --report

What has passed on this commit is not run again (--again does), so that a run that was stopped goes on
where it was. --quick asks for little of each, to see whether they run, and leaves the report alone.
Report: docs/quality/campaigns.md. Names:
${steps.map(({ name, proves }) => `  ${name.padEnd(20)}${proves}`).join('\n')}
`

const root = join(import.meta.dirname, '../..')
const kept = join(root, 'data', 'campaigns')
const report = join(root, 'docs', 'quality', 'campaigns.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

let isStopping = false

function readRun(name: string): Run | undefined {
  const file = join(kept, `${name}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined
}

function commandOf(step: Step): string[] {
  const args = values.quick ? step.quickArgs : step.args
  const seed = step.isSeeded ? ['--seed', values.seed ?? String(randomInt(1_000_000))] : []
  return [step.verb, ...args, ...seed]
}

const describeCommand = ([verb = '', ...args]: readonly string[]) =>
  `npm run ${verb}${args.length === 0 ? '' : ` -- ${args.join(' ')}`}`

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${availableParallelism()} cores, ${gigabytes} GB, Node ${process.versions.node}`
}

const load = () => loadavg()[0] ?? 0

async function runStep(step: Step, commit: string): Promise<Run | undefined> {
  const command = commandOf(step)
  console.log(`\n── ${step.name}: ${describeCommand(command)}`)
  const startedAt = new Date()
  const before = load()
  let output = ''
  const child = spawn(process.execPath, [join('tools', 'launch', 'launch.mjs'), ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      process.stdout.write(text)
    })
  const exitCode = await new Promise<number>((resolve) =>
    child.once('close', (code) => resolve(code ?? 1)),
  )
  if (isStopping) return undefined
  return {
    name: step.name,
    command: describeCommand(command),
    commit,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1_000,
    exitCode,
    loads: [before, load()],
    machine: machine(),
    output,
  }
}

function writeReport(): void {
  const runs = steps.map(({ name }) => readRun(name)).filter((run) => run !== undefined)
  mkdirSync(dirname(report), { recursive: true })
  writeFileSync(report, describeRuns(runs, steps))
  console.log(`\nWrote ${report}`)
}

/** Changes that are in no commit are told, since the figures belong to them. */
function readCommit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const isChanged = git('status', '--porcelain', '--', ':!docs/quality').trim() !== ''
  return git('rev-parse', '--short', 'HEAD').trim() + (isChanged ? ' and changes' : '')
}

async function runAll(asked: readonly Step[]): Promise<void> {
  mkdirSync(kept, { recursive: true })
  const commit = readCommit()
  for (const step of asked) {
    if (isPassed(step, commit)) {
      console.log(`── ${step.name}: passed on this commit before`)
      continue
    }
    const run = await runStep(step, commit)
    if (run === undefined) return
    keep(run)
  }
}

function isPassed(step: Step, commit: string): boolean {
  if (values.again || values.quick) return false
  const earlier = readRun(step.name)
  return earlier?.commit === commit && earlier.exitCode === 0
}

function keep(run: Run): void {
  if (run.exitCode !== 0) process.exitCode = 1
  console.log(`── ${run.name}: exit code ${run.exitCode}`)
  if (values.quick) return
  writeFileSync(join(kept, `${run.name}.json`), JSON.stringify(run))
  writeReport()
}

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => steps.every((step) => step.name !== name))
  if (values.help || unknown.length > 0) {
    console.log(usage)
    process.exitCode = values.help ? 0 : 2
    return
  }
  if (values.report) return writeReport()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => (isStopping = true))
  await runAll(steps.filter(({ name }) => positionals.length === 0 || positionals.includes(name)))
}

await main()
