import { expect, inject, it } from 'vitest'
import { malformedCampaign } from './malformed.ts'

it('answers what nobody should send without failing, hanging or ending [SEC-4, SEC-5, SEC-12]', async () => {
  const report = await malformedCampaign({ requests: 2_000, seed: 5, postgres: inject('postgres') })
  expect(report.findings).toEqual([])
  expect(report.requests).toBeGreaterThanOrEqual(2_000)
}, 120_000)
