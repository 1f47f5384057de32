import { expect, test } from 'vitest'
import { runCampaign } from './approve-campaign.ts'
import { describeReport } from './approve-report.ts'

test('an approval that is killed at any moment becomes one issue, or says why not [STY-18, D-12]', async ({
  signal,
}) => {
  const report = await runCampaign({ kills: 8, seed: 1, latencyMaxMs: 50, signal })
  expect(report.violations, describeReport(report)).toEqual([])
  expect(report.kills).toBeGreaterThanOrEqual(8)
}, 240_000)
