import { expect, it } from 'vitest'
import { hostileCampaign } from './hostile-campaign.ts'

it('takes none of 25 hostile files for a good one [DOC-7]', async () => {
  const report = await hostileCampaign(25)
  expect(report.failures).toEqual([])
  expect(report.refusedAtTheDoor).toBeGreaterThan(report.refusedWhileReading)
})
