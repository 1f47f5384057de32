import { expect, it } from 'vitest'
import { metadataCampaign } from './jira-metadata-campaign.ts'

/** Of each setting and each hardening at least one; `npm run campaign:metadata` takes all 200. */
const portion = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 19, 29, 34, 39, 46, 55, 79]

it('creates in Jiras of every shape at the first try, and says of every refusal which field, why and what it may hold [CON-11]', async () => {
  const { outcomes, gaps } = await metadataCampaign(portion)
  expect(gaps).toEqual([])
  expect(outcomes.filter(({ first }) => !first).map(({ shape, told }) => [shape, told])).toEqual([
    [expect.stringContaining('no-permission'), expect.anything()],
    [expect.stringContaining('silent-and-required'), expect.anything()],
  ])
  expect(outcomes.at(-1)).toMatchObject({ afterLearning: true })
}, 120_000)
