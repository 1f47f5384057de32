import { expect, it } from 'vitest'
import { runCrashCampaign } from '../testing/crash-campaign.ts'

it(
  'comes to the same schema whenever it is killed, does nothing twice, and loses no row [MIG-7] [MIG-8] [MIG-12] [TST-5]',
  { timeout: 600_000 },
  async () => {
    const campaign = await runCrashCampaign({ kills: 100, seed: 20_261_121 })
    expect(campaign.violations).toEqual([])
    expect(campaign.kills).toBeGreaterThanOrEqual(100)
  },
)
