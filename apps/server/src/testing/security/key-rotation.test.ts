import { expect, inject, it } from 'vitest'
import { rotationCampaign } from './key-rotation.ts'

it('puts every secret under another master key while all are read, and opens none in the place of another [SEC-1]', async () => {
  const report = await rotationCampaign({ secrets: 1_000, postgres: inject('postgres') })
  expect(report.findings).toEqual([])
  expect(report.swapped).toBe(2_000)
  expect(report.reads).toBeGreaterThan(0)
}, 120_000)
