import { expect, test } from 'vitest'
import { describeStreams, runStreams } from './streams-campaign.ts'

test('every reader hears the same, byte by byte, however connections are cut and the server is killed [STR-4, STR-5]', async ({
  signal,
}) => {
  const plan = { streams: 40, cuts: 40, kills: 2, atOnce: 40, seed: 1 }
  const report = await runStreams({ ...plan, signal })
  expect(report.violations, describeStreams(report)).toEqual([])
  expect(report).toMatchObject({ streams: plan.streams, kills: plan.kills })
  expect(report.cuts).toBe(plan.streams * plan.cuts)
}, 240_000)
