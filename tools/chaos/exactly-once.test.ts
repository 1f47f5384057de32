import { expect, test } from 'vitest'
import { describeExactlyOnce, runExactlyOnce } from './exactly-once-campaign.ts'

test('many creates in Jira, Confluence and Trello, of one step and of several, happen once each, whatever is lost, refused or killed [D-12, JOB-6, STY-18]', async ({
  signal,
}) => {
  // A restart costs more than a hundred creates; the whole campaign kills one worker for twenty.
  const report = await runExactlyOnce({ creates: 500, seed: 1, killShare: 0.03, signal })
  const { duplicates, missing, violations } = report
  expect([...duplicates, ...missing, ...violations], describeExactlyOnce(report)).toEqual([])
  expect(report.kills).toBeGreaterThanOrEqual(12)
  expect(report.lostAnswers).toBeGreaterThan(100)
}, 900_000)
