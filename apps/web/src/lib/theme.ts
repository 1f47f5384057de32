import { useSyncExternalStore } from 'react'
import { remember } from './device-memory.ts'

export type Theme = 'system' | 'light' | 'dark'

const listeners = new Set<() => void>()

function themeOfPage(): Theme {
  const { classList } = document.documentElement
  if (classList.contains('dark')) return 'dark'
  return classList.contains('light') ? 'light' : 'system'
}

/** Colours the page and remembers the choice on this device. */
export function applyTheme(theme: Theme): void {
  const { classList } = document.documentElement
  classList.remove('light', 'dark')
  if (theme !== 'system') classList.add(theme)
  remember('theme', theme)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, themeOfPage), applyTheme]
}
