import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react'
import { useSavePreferences } from '../../lib/preferences.queries.ts'
import { isShortcut } from './shortcut.ts'
import type { SidebarState } from './sidebar-state.ts'

const opensAfterMs = 150
const closesAfterMs = 300
/** Arrow keys come in rows; the last of them is kept. */
const savesAfterMs = 400

/** Width and pin of the sidebar, kept with the person, and the rail that opens when one goes there. */
export function useSidebar(saved: SidebarState, box: RefObject<HTMLElement | null>) {
  const [state, setState] = useState(saved)
  const rail = useRail(box)
  const { mutate: save } = useSavePreferences()
  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const change = (next: SidebarState) => {
    setState(next)
    clearTimeout(saving.current)
    saving.current = setTimeout(() => save({ sidebar: next }), savesAfterMs)
  }
  const onShortcut = useEffectEvent((event: KeyboardEvent) => {
    if (!isShortcut(event, 'b')) return
    event.preventDefault()
    if (state.pinned) change({ ...state, pinned: false })
    else rail.toggle()
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => onShortcut(event)
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  return { ...rail, state, change, preview: setState }
}

/** Opens on hover, focus or shortcut; closes when pointer and focus have left, or on Escape. */
function useRail(box: RefObject<HTMLElement | null>) {
  const [isOpen, setIsOpen] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isHeld = useRef(false)
  const later = (open: boolean, delayMs: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      if (open || !isHeld.current) setIsOpen(open)
    }, delayMs)
  }
  const isOccupied = () =>
    box.current?.matches(':hover') === true ||
    box.current?.contains(document.activeElement) === true
  const maybeClose = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      if (!isHeld.current && !isOccupied()) setIsOpen(false)
    }, closesAfterMs)
  }
  return {
    isOpen,
    toggle: () => {
      setIsOpen((open) => !open)
      box.current?.querySelector<HTMLElement>('li a')?.focus()
    },
    /** While a menu of the sidebar is open, the sidebar is open. */
    holdOpen: (held: boolean) => {
      isHeld.current = held
      if (!held) maybeClose()
    },
    hoverProps: {
      onPointerEnter: () => later(true, opensAfterMs),
      onPointerLeave: maybeClose,
      onFocus: () => later(true, 0),
      onBlur: maybeClose,
      onKeyDown: (event: { key: string }) => {
        if (event.key !== 'Escape') return
        // Focus that has just come must not open it again a moment later.
        clearTimeout(timer.current)
        setIsOpen(false)
      },
    },
  }
}
