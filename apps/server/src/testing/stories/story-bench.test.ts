import { saveModel } from '@studioops/contracts/connections'
import { describe, expect } from 'vitest'
import { test } from '../test.ts'
import { runStoryBench } from './story-bench.ts'
import { storyRequirements } from './story-requirements.ts'

const requirements = storyRequirements()

describe('Story Bench', () => {
  test('has 300 requirements, half of them Hebrew, none twice', () => {
    expect(requirements).toHaveLength(300)
    expect(requirements.filter(({ language }) => language === 'he')).toHaveLength(150)
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(300)
  })

  test(
    'lets nothing through that breaks a rule, and loses no criterion, however careless the model [STY-8] [STY-11]',
    { timeout: 180_000 },
    async ({ app }) => {
      const client = await app.withModel()
      app.model.simulator.setPace({ firstTokenMs: 0, gapMs: 0 })
      await client.call(saveModel, {
        body: { baseUrl: app.model.url, model: 'demo-writer:careless', apiKey: app.model.key },
      })
      // Both languages, the largest requirements among them.
      const portion = requirements.filter((_, index) => index % 50 === 6)
      const report = await runStoryBench({ client, requirements: portion })
      expect(report.violations).toEqual([])
      expect(report).toMatchObject({ stories: portion.length, lost: 0 })
      expect(report.approved).toBeGreaterThan(0)
      expect(report.split).toBeGreaterThan(0)
      expect(report.regenerations).toBeGreaterThan(0)
      const {
        firstTokenMs: _,
        approveMs: __,
        ...again
      } = await runStoryBench({
        client,
        requirements: portion,
      })
      expect(report).toMatchObject(again)
    },
  )
})
