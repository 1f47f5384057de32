import { expect, inject, it } from 'vitest'
import { ssrfCampaign } from './ssrf.ts'

it('reaches nothing inside by any spelling of an address, in any field or answer that gives one [SEC-13]', async () => {
  const report = await ssrfCampaign({ urlsMax: 40, seed: 6, postgres: inject('postgres') })
  expect(report.findings).toEqual([])
  expect(report.connections).toBe(0)
  expect(report.fields).toContain('PUT /api/connections/model baseUrl')
  expect(report.urls).toBeGreaterThanOrEqual(40)
}, 120_000)
