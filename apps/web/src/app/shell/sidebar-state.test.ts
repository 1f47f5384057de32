import { expect, it } from 'vitest'
import { clampWidth, widthAfterKey, widthAtPointer } from './sidebar-state.ts'

it.each([
  ['ArrowRight', 'ltr', 256],
  ['ArrowLeft', 'ltr', 224],
  ['ArrowRight', 'rtl', 224],
  ['ArrowLeft', 'rtl', 256],
  ['Home', 'rtl', 200],
  ['End', 'ltr', 400],
  ['Enter', 'ltr', 240],
] as const)('%s in %s makes 240 px %i px wide [UI-3]', (key, dir, widthPx) => {
  expect(widthAfterKey(key, 240, dir)).toBe(widthPx)
})

it('leaves other keys to the page', () => {
  expect(widthAfterKey('Tab', 240, 'ltr')).toBeUndefined()
})

it('never leaves 200 to 400 px [UI-3]', () => {
  expect([clampWidth(10), clampWidth(9_999), widthAfterKey('ArrowLeft', 205, 'ltr')]).toEqual([
    200, 400, 200,
  ])
})

it('follows the pointer from the side where the sidebar stands', () => {
  expect(widthAtPointer(310, { left: 0, right: 240 }, 'ltr')).toBe(310)
  expect(widthAtPointer(890, { left: 960, right: 1200 }, 'rtl')).toBe(310)
})
