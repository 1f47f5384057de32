import { expect, test } from 'vitest'
import { describeExactlyOnce, runExactlyOnce } from './exactly-once-campaign.ts'

test('many creates in two kinds of Jira, of one step and of several, happen once each, whatever is lost, refused or killed [D-12, JOB-6, STY-18]', async ({
  signal,
}) => {
  const report = await runExactlyOnce({ creates: 60, seed: 1, signal })
  const { duplicates, missing, violations } = report
  expect([...duplicates, ...missing, ...violations], describeExactlyOnce(report)).toEqual([])
  expect(report.kills).toBeGreaterThanOrEqual(3)
  expect(report.lostAnswers).toBeGreaterThan(10)
}, 240_000)
