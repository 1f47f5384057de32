import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runsAsked } from '../testing/hold.ts'
import { measureInverses } from '../testing/inverse-measure.ts'

const histories = Math.max(1, Math.floor(runsAsked(20) / 10))

it(
  'undoes at least 99 of 100 migrations of pure DDL exactly, and flags everything that loses data [MIG-6] [MIG-12]',
  { timeout: 7_200_000 },
  async () => {
    const measured = []
    const first = fc.readConfigureGlobal().seed ?? 1
    for (let seed = first; seed < first + histories; seed += 1)
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
