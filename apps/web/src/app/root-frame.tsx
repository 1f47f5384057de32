import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { DemoStrip } from '../features/installation/demo-strip.tsx'
import { SystemBanners } from './system-banners.tsx'

/** Around every page: what the whole installation has to say, and where the focus goes. */
export function RootFrame() {
  useFocusOnNavigation()
  return (
    <div className="flex min-h-dvh flex-col">
      <DemoStrip />
      <SystemBanners />
      <Outlet />
    </div>
  )
}

/** A new page is announced by its heading; the first one leaves the focus alone. */
function useFocusOnNavigation() {
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    const hasFocus = document.activeElement?.closest('main') !== null
    if (!hasFocus) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [pathname])
}
