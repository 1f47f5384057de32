import type { Installation } from '@studioops/contracts/installation'
import { expect, it } from 'vitest'
import { aDemo, anInstallation } from '../testing/samples.ts'
import { startPath } from './start-path.ts'

const registered = aDemo({ registered: true })

it.each<[string, Installation, string]>([
  ['a new installation', anInstallation({ mode: 'new' }), '/welcome'],
  ['a fresh demo', anInstallation({ mode: 'demo', demo: aDemo() }), '/register'],
  ['a demo in use', anInstallation({ mode: 'demo', demo: registered }), '/sign-in'],
  ['an own one', anInstallation({ mode: 'own' }), '/sign-in'],
])('%s begins at the right page for a visitor', (_, installation, path) => {
  expect(startPath(installation, false)).toBe(path)
})

it('whoever is signed in begins at the dashboard', () => {
  expect(startPath(anInstallation({ mode: 'demo', demo: aDemo() }), true)).toBe('/dashboard')
})
