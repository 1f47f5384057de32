import { expect, it } from 'vitest'
import { safePath } from './safe-path.ts'

it.each([
  ['/stories/1?view=diff#x', '/stories/1?view=diff#x'],
  ['/dashboard', '/dashboard'],
])('goes back to %s [ID-11]', (next, path) => {
  expect(safePath(next)).toBe(path)
})

it.each([
  undefined,
  '',
  'dashboard',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/sign-in?next=/x',
])('does not follow %j', (next) => {
  expect(safePath(next)).toBeUndefined()
})
