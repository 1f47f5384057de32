import type { Campaign } from '../../packages/migrate/src/testing/crash-campaign.ts'

/** What was killed and what was left, as a table. */
export function describeCampaign(campaign: Campaign): string {
  const { rounds, waves, kills, blows, interruptedAlone, violations, seconds } = campaign
  const rows: readonly (readonly [what: string, count: number])[] = [
    ['generated histories', rounds],
    ['waves of starters', waves],
    ['kills', kills],
    ['  of a process (SIGKILL)', blows.client],
    ['  of its sessions on the server', blows.backend],
    ['  of the server', blows.server],
    ['waves that broke a statement outside of transactions', interruptedAlone],
    ['violations', violations.length],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return [
    '',
    ...rows.map(([what, count]) => `${what.padEnd(width)}  ${String(count).padStart(6)}`),
    '',
    violations.length === 0
      ? `Every history came to the schema of an undisturbed run; nothing ran twice, no row was lost (${seconds.toFixed(0)} s).`
      : `It took ${seconds.toFixed(0)} s.`,
    ...violations.map((sentence) => `VIOLATION ${sentence}`),
  ].join('\n')
}
