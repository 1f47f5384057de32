import { expect, it } from 'vitest'
import { isShortcut } from './shortcut.ts'

const keys = { metaKey: false, ctrlKey: true, altKey: false, shiftKey: false }

it('knows the letter on a Hebrew keyboard by its place [D-28]', () => {
  expect(isShortcut({ ...keys, key: 'נ', code: 'KeyB' }, 'b')).toBe(true)
})

it('follows the letter, not the place, on another Latin keyboard', () => {
  expect(isShortcut({ ...keys, key: 'b', code: 'KeyN' }, 'b')).toBe(true)
  expect(isShortcut({ ...keys, key: 'n', code: 'KeyB' }, 'b')).toBe(false)
})

it('wants exactly one of the two command keys', () => {
  expect(isShortcut({ ...keys, ctrlKey: false, key: 'b', code: 'KeyB' }, 'b')).toBe(false)
  expect(isShortcut({ ...keys, shiftKey: true, key: 'b', code: 'KeyB' }, 'b')).toBe(false)
})
