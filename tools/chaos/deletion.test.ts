import { expect, test } from 'vitest'
import { describeDeletion, runDeletion } from './deletion-campaign.ts'

test('projects go without a trace whatever comes meanwhile, come back equal, and every receipt verifies [PRJ-3, PRJ-6, PRJ-7, PRJ-8]', async ({
  signal,
}) => {
  const plan = { graphs: 500, kills: 3, seed: 1 }
  const report = await runDeletion({ ...plan, signal })
  expect(report.violations, describeDeletion(report)).toEqual([])
  expect(report.orphans).toEqual({})
  expect(report).toMatchObject({ graphs: plan.graphs, kills: plan.kills })
  expect(report.receipts).toBeGreaterThan(400)
}, 600_000)
