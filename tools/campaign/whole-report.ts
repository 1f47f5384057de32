import { stripVTControlCharacters } from 'node:util'

/** What is kept of one campaign that came to its end. */
export type Run = {
  readonly name: string
  readonly command: string
  readonly commit: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly seconds: number
  readonly exitCode: number
  /** Average of a minute, before and after: what else the machine did. */
  readonly loads: readonly [before: number, after: number]
  readonly machine: string
  /** Everything that it printed. */
  readonly output: string
}

const progress =
  /^(?:> .*|Measuring .*…|Building .*|\d+ (?:at rest|done|read|approvals|kills)\b[^.:]*|\s*)$/
const mostLines = 60

/** The report of whatever has been run, in the order of the plan; figures stand as they were printed. */
export function describeRuns(
  runs: readonly Run[],
  plan: readonly { name: string; proves: string }[],
): string {
  const byName = new Map(runs.map((run) => [run.name, run]))
  const rows = plan.map(({ name, proves }) => {
    const run = byName.get(name)
    const cells =
      run === undefined
        ? ['not run', '', '', '']
        : [run.exitCode === 0 ? 'passed' : '**failed**', span(run.seconds), run.commit, when(run)]
    return `| ${[name, proves, ...cells].join(' | ')} |`
  })
  return [
    '# Campaigns',
    '',
    'Written by `npm run campaign`; nothing here is typed by hand. A campaign that printed more than',
    `${mostLines} lines is shown with its last ones. Where the load was far above the work itself, other`,
    'programs ran beside it, and what is measured in time is worse than on a quiet machine.',
    '',
    '| campaign | what it proves | result | took | commit | begun (UTC) |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...plan.flatMap(({ name }) => describeRun(byName.get(name))),
    '',
  ].join('\n')
}

function describeRun(run: Run | undefined): string[] {
  if (run === undefined) return []
  const lines = stripVTControlCharacters(run.output)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !progress.test(line))
  const [before, after] = run.loads
  return [
    '',
    `## ${run.name}`,
    '',
    `\`${run.command}\` on ${run.machine}, load ${before.toFixed(1)} before and ${after.toFixed(1)} after.`,
    '',
    '```text',
    ...lines.slice(-mostLines),
    '```',
  ]
}

function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`
}

const when = ({ startedAt }: Run) => startedAt.slice(0, 16).replace('T', ' ')
