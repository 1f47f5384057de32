import type { Preferences } from '@studioops/contracts/accounts'

export type SidebarState = Preferences['sidebar']

export const sidebarLimits = {
  minPx: 200,
  maxPx: 400,
  defaultPx: 240,
  railPx: 56,
  stepPx: 16,
} as const

export function clampWidth(widthPx: number): number {
  return Math.min(sidebarLimits.maxPx, Math.max(sidebarLimits.minPx, Math.round(widthPx)))
}

/**
 * Width after a key on the separator; undefined for a key that means nothing there. Arrows move the
 * line in the direction that is seen, so in Hebrew ArrowLeft widens.
 */
export function widthAfterKey(
  key: string,
  widthPx: number,
  dir: 'ltr' | 'rtl',
): number | undefined {
  const widen = dir === 'ltr' ? 'ArrowRight' : 'ArrowLeft'
  const narrow = dir === 'ltr' ? 'ArrowLeft' : 'ArrowRight'
  if (key === widen) return clampWidth(widthPx + sidebarLimits.stepPx)
  if (key === narrow) return clampWidth(widthPx - sidebarLimits.stepPx)
  if (key === 'Home') return sidebarLimits.minPx
  if (key === 'End') return sidebarLimits.maxPx
  return key === 'Enter' ? sidebarLimits.defaultPx : undefined
}

/** Width with the separator below the pointer. */
export function widthAtPointer(
  pointerX: number,
  box: { readonly left: number; readonly right: number },
  dir: 'ltr' | 'rtl',
): number {
  return clampWidth(dir === 'ltr' ? pointerX - box.left : box.right - pointerX)
}
