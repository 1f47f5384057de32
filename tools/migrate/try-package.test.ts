import { expect, it } from 'vitest'
import { expectedExitCodes, tryPackage } from './try-package.ts'

// With the libraries of this checkout; `node tools/migrate/try-package.ts` installs from the registry.
it('leads from a first migration to its way back and to the example of the README, once published', async () => {
  const steps = await tryPackage('linked')
  const wrong = steps.filter(({ said, exitCode }) => exitCode !== expectedExitCodes[said])
  expect(wrong).toEqual([])
  expect(steps.map(({ said }) => said)).toEqual(Object.keys(expectedExitCodes))
}, 300_000)
