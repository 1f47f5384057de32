import { expect, inject, it } from 'vitest'
import { killedRotationCampaign } from './killed-rotation.ts'

it('leaves every secret readable when the process that replaces the master key is killed, and goes on [SEC-1]', async () => {
  const report = await killedRotationCampaign({
    kills: 3,
    secrets: 2_500,
    seed: 7,
    postgres: inject('postgres'),
  })
  expect(report.findings).toEqual([])
  expect(report.kills).toBe(3)
  expect(report.reads).toBeGreaterThan(7_500)
}, 120_000)
