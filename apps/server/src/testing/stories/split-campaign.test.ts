import { expect } from 'vitest'
import { test } from '../test.ts'
import { runSplitCampaign } from './split-campaign.ts'

test(
  'splits are made once and whole, whatever Jira does to them on the way [STY-17] [STY-18] [D-12]',
  { timeout: 180_000 },
  async ({ app }) => {
    const report = await runSplitCampaign({ app, approvals: 4, seed: 7 })
    expect(report).toMatchObject({ approvals: 4, violations: [] })
  },
)
