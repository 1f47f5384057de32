import { expect, inject, it } from 'vitest'
import { isolationCampaign } from './isolation.ts'

it('shows nothing of a person to another, to an admin or to a visitor, on any route [ID-13, D-6] [ASVS-8.2.2]', async () => {
  const report = await isolationCampaign({ requests: 1_500, seed: 4, postgres: inject('postgres') })
  expect(report.findings).toEqual([])
  expect(report.victimSees).toBeGreaterThan(4)
  expect(report.canaries).toBeGreaterThan(50)
}, 120_000)
