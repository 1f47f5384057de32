import { Outlet, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { DemoStrip } from '../features/installation/demo-strip.tsx'
import { SkipLink } from './skip-link.tsx'
import { SystemBanners } from './system-banners.tsx'

/** Around every page: what the whole installation has to say, and where the focus goes. */
export function RootFrame() {
  useFocusOnNavigation()
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink />
      <DemoStrip />
      <SystemBanners />
      <Outlet />
    </div>
  )
}

/** A new page is announced by its heading; the first one leaves the focus alone. */
function useFocusOnNavigation() {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return
        if (document.activeElement?.closest('main') !== null) return
        document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
      }),
    [router],
  )
}
