import type { Report } from './approve-campaign.ts'
import type { Ending, RoundResult } from './approve-round.ts'

const endings: readonly Ending[] = [
  'done',
  'found by a check',
  'created anyway',
  'refused',
  'never at rest',
]

/** What happened, by the state that each killed approval was found in. */
export function describeReport({ rounds, kills, seconds, ...report }: Report): string {
  const acknowledged = rounds.filter(({ acknowledged: was }) => was).length
  const lines = [
    '',
    ...table(rounds),
    '',
    `${kills} kills in ${rounds.length} approvals, ${seconds.toFixed(0)} s;` +
      ` an undisturbed approval takes ${report.normalMs.toFixed(0)} ms.`,
    `${acknowledged} were acknowledged before the kill;` +
      ` from the start to rest: ${spread(rounds.map(({ restedAfterMs }) => restedAfterMs))} ms.`,
    `Told after the restart that the killed press is still under way (same Idempotency-Key):` +
      ` ${rounds.filter(({ toldToWait }) => toldToWait).length}.`,
    `Duplicates: ${report.doubled.length}. Lost: ${report.lost.length}.`,
    ...report.violations.map((sentence) => `VIOLATION ${sentence}`),
    ...(report.kept === undefined ? [] : [`Kept for a look: ${report.kept}`]),
  ]
  return lines.join('\n')
}

function table(rounds: readonly RoundResult[]): string[] {
  const states = [...new Set(rounds.map(({ found }) => found))].toSorted()
  const used = endings.filter((ending) => rounds.some((round) => round.ending === ending))
  const row = (name: string, of: readonly RoundResult[]) =>
    [name, ...used.map((ending) => of.filter((one) => one.ending === ending).length), of.length]
      .map((cell, column) => (column === 0 ? String(cell).padEnd(24) : String(cell).padStart(17)))
      .join('')
  return [
    ['found after the kill as', ...used, 'rounds']
      .map((cell, column) => (column === 0 ? cell.padEnd(24) : cell.padStart(17)))
      .join(''),
    ...states.map((state) =>
      row(
        state,
        rounds.filter(({ found }) => found === state),
      ),
    ),
    row('all', rounds),
  ]
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)
  return `median ${at(0.5)}, at most ${at(1)}`
}
