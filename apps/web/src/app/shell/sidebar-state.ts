import type { Preferences } from '@studioops/contracts/accounts'

export type SidebarState = Preferences['sidebar']

export const sidebarLimits = {
  minPx: 200,
  maxPx: 400,
  defaultPx: 240,
  railPx: 56,
  stepPx: 16,
} as const
export const defaultSidebar: SidebarState = { widthPx: sidebarLimits.defaultPx, pinned: true }

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

/** What this device remembers, so that the first paint has the right width. */
export function readSidebar(stored: string | null): SidebarState {
  try {
    const { widthPx, pinned } = JSON.parse(stored ?? '{}') as Partial<SidebarState>
    return {
      widthPx: clampWidth(Number.isFinite(widthPx) ? Number(widthPx) : sidebarLimits.defaultPx),
      pinned: pinned !== false,
    }
  } catch {
    return defaultSidebar
  }
}

/** So that the frame has its width while the session is still being asked for. */
export function rememberSidebar(state: SidebarState): void {
  try {
    localStorage.setItem('sidebar', JSON.stringify(state))
  } catch {
    // A browser that forbids storage paints the default first.
  }
}
