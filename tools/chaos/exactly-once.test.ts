import { expect, test } from 'vitest'
import { describeExactlyOnce, runExactlyOnce } from './exactly-once-campaign.ts'

test('many creates in Jira, Confluence and Trello, of one step and of several, happen once each, whatever is lost, refused or killed [D-12, JOB-6, STY-18]', async ({
  signal,
}) => {
  const report = await runExactlyOnce({ creates: 500, seed: 1, signal })
  const { duplicates, missing, violations } = report
  expect([...duplicates, ...missing, ...violations], describeExactlyOnce(report)).toEqual([])
  expect(report.kills).toBeGreaterThanOrEqual(20)
  expect(report.lostAnswers).toBeGreaterThan(100)
}, 900_000)
