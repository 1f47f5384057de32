import { expect, inject, it } from 'vitest'
import { measureInverses } from '../testing/inverse-measure.ts'

const histories = Math.max(1, Math.floor(inject('migratePropertyRuns') / 10))

it(
  'undoes at least 99 of 100 migrations of pure DDL exactly, and flags everything that loses data [MIG-6] [MIG-12]',
  { timeout: 7_200_000 },
  async () => {
    const measured = []
    for (let seed = 1; seed <= histories; seed += 1)
      measured.push(...(await measureInverses(seed, 24)))
    expect(measured.filter(({ isDishonest }) => isDishonest)).toEqual([])
    const ran = measured.filter(({ verdict }) => verdict !== 'not-run')
    const missed = ran.filter(({ verdict }) => verdict === 'none' || verdict === 'unproven')
    expect({ missed, isEnough: missed.length * 100 <= ran.length }).toMatchObject({
      isEnough: true,
    })
    expect(ran.length).toBeGreaterThan(5)
  },
)
