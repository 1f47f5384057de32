import { describe, expect, it } from 'vitest'
import { createFaultControl, sharedFaults } from './fault-control.ts'

const control = (seed = 1) => createFaultControl({ seed, known: sharedFaults })

describe('fault control', () => {
  it.each([
    [undefined, true],
    ['POST /rest/api/2/issue', true],
    ['/rest/api/2/issue', true],
    ['POST */issue', true],
    ['*', true],
    ['POST *', true],
    ['*rest*issue', true],
    ['GET */issue', false],
    ['/rest/api/2/issu', false],
    ['*/issue/*', false],
    ['POST /rest/api/2/issue*issue', false],
    ['issue', false],
  ])('route %s: strikes a created issue: %s', (route, strikes) => {
    const faults = control()
    faults.set({ fault: { kind: 'away' }, ...(route === undefined ? {} : { route }) })
    expect(faults.take('POST', '/rest/api/2/issue').fault !== undefined).toBe(strikes)
  })

  it('strikes so many times, then never again', () => {
    const faults = control()
    faults.set({ fault: { kind: 'away' }, times: 2 })
    const struck = [1, 2, 3].map(() => faults.take('GET', '/').fault?.kind)
    expect(struck).toEqual(['away', 'away', undefined])
    expect(faults.rules()).toEqual([])
  })

  it('does not spend a rule on another route', () => {
    const faults = control()
    faults.set({ fault: { kind: 'away' }, route: 'POST *', times: 1 })
    faults.take('GET', '/')
    expect(faults.take('POST', '/').fault).toEqual({ kind: 'away' })
  })

  it('adds latencies to one another and to the first other fault', () => {
    const faults = control()
    faults.set({ fault: { kind: 'latency', latencyMs: 5 } })
    faults.set({ fault: { kind: 'hang' } })
    faults.set({ fault: { kind: 'away' }, times: 1 })
    faults.set({ fault: { kind: 'latency', latencyMs: 7 } })
    expect(faults.take('GET', '/')).toEqual({ latencyMs: 12, fault: { kind: 'hang' } })
    expect(faults.rules().map(({ fired }) => fired)).toEqual([1, 1, 0, 1])
  })

  it('draws chances from the seed, about as often as asked', () => {
    const draw = (seed: number): boolean[] => {
      const faults = control(seed)
      faults.set({ fault: { kind: 'away' }, probability: 0.3 })
      return Array.from({ length: 1000 }, () => faults.take('GET', '/').fault !== undefined)
    }
    const struck = draw(7).filter(Boolean).length
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(struck).toBeGreaterThan(250)
    expect(struck).toBeLessThan(350)
  })

  it('removes one rule and clears all', () => {
    const faults = control()
    const first = faults.set({ fault: { kind: 'away' } })
    faults.set({ fault: { kind: 'hang' } })
    faults.remove(first)
    expect(faults.take('GET', '/').fault).toEqual({ kind: 'hang' })
    faults.clear()
    expect(faults.take('GET', '/').fault).toBeUndefined()
  })

  it('refuses a fault that the simulator does not play, and names those that it does', () => {
    expect(() => control().set({ fault: { kind: 'die', after: 3 } })).toThrow(/"die".*away/)
  })
})
