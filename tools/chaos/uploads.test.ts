import { expect, test } from 'vitest'
import { describeUploads, runUploads } from './uploads-campaign.ts'

test('no acknowledged file is lost and nothing is left over, whenever the server is killed [DOC-2, DOC-8]', async ({
  signal,
}) => {
  const report = await runUploads({ kills: 3, atOnce: 8, seed: 1, signal })
  expect(report.violations, describeUploads(report)).toEqual([])
  expect(report.acknowledged).toBeGreaterThan(0)
  expect(report.cut).toBeGreaterThan(0)
}, 240_000)
