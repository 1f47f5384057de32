import { Link } from '@tanstack/react-router'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useRef } from 'react'
import type { Account } from '@studioops/contracts/accounts'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { appTexts } from '../app.texts.ts'
import { Brand } from '../brand.tsx'
import { AccountButton } from './account-button.tsx'
import {
  adminDestinations,
  type Destination,
  destinations,
  laterDestinations,
  runsWorkspace,
} from './destinations.ts'
import { OutboxCount } from './outbox-count.tsx'
import { SidebarSeparator } from './sidebar-separator.tsx'
import { sidebarLimits } from './sidebar-state.ts'
import { useSidebar } from './use-sidebar.ts'

/** Navigation at the start of the page: pinned beside the content, or a rail that opens over it. */
export function Sidebar({ account }: { readonly account: Account }) {
  const t = useTexts(appTexts)
  const box = useRef<HTMLDivElement>(null)
  const sidebar = useSidebar(account.preferences.sidebar, box)
  const { widthPx, pinned } = sidebar.state
  const isWide = pinned || sidebar.isOpen
  const pinLabel = pinned ? t('sidebar.unpin') : t('sidebar.pin')
  return (
    <nav
      aria-label={t('nav.main')}
      className="relative z-20 shrink-0 max-md:hidden"
      style={{ width: pinned ? widthPx : sidebarLimits.railPx }}
    >
      <div
        ref={box}
        id="sidebar"
        data-open={isWide}
        style={{ width: isWide ? widthPx : sidebarLimits.railPx }}
        className={classNames(
          'sticky top-(--strip-height) flex h-[calc(100dvh-var(--strip-height))] flex-col overflow-hidden border-e border-line bg-surface',
          !pinned && sidebar.isOpen && 'shadow-float',
        )}
        {...sidebar.hoverProps}
      >
        <div className="flex h-16 shrink-0 items-center justify-between gap-2 ps-3 pe-2">
          <Link
            to="/dashboard"
            aria-label={t('home')}
            className="min-w-0 overflow-hidden rounded-field"
          >
            <Brand />
          </Link>
          {isWide && (
            <IconButton
              size="small-icon"
              label={pinLabel}
              aria-pressed={pinned}
              icon={
                pinned ? (
                  <PanelLeftClose aria-hidden className="flip size-4.5 text-muted" />
                ) : (
                  <PanelLeftOpen aria-hidden className="flip size-4.5 text-muted" />
                )
              }
              onPress={() => sidebar.change({ widthPx, pinned: !pinned })}
            />
          )}
        </div>
        <div className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-2 py-2">
          <SidebarLinks account={account} />
        </div>
        <div className="shrink-0 border-t border-line p-2">
          <AccountButton account={account} onOpenChange={sidebar.holdOpen} />
        </div>
      </div>
      {pinned && (
        <SidebarSeparator
          widthPx={widthPx}
          box={box}
          onResize={(next) => sidebar.preview({ widthPx: next, pinned })}
          onSettle={(next) => sidebar.change({ widthPx: next, pinned })}
        />
      )}
    </nav>
  )
}

function SidebarLinks({ account }: { readonly account: Account }) {
  const t = useTexts(appTexts)
  return (
    <>
      <ul className="flex flex-col gap-0.5">
        {[...destinations, ...laterDestinations].map((destination) => (
          <li key={destination.to}>
            <SidebarLink {...destination} />
          </li>
        ))}
      </ul>
      {runsWorkspace(account) && (
        <ul
          aria-label={t('nav.admin')}
          className="mt-2 flex flex-col gap-0.5 border-t border-line pt-2"
        >
          {adminDestinations.map((destination) => (
            <li key={destination.to}>
              <SidebarLink {...destination} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function SidebarLink({ to, textKey, icon: Icon }: Destination) {
  const t = useTexts(appTexts)
  return (
    <Link
      to={to}
      className="flex h-10 items-center gap-3 rounded-field px-2.5 whitespace-nowrap text-muted hover:bg-hover hover:text-ink"
      activeProps={{
        className: 'bg-accent-soft! font-semibold text-accent-ink!',
        'aria-current': 'page',
      }}
    >
      <Icon aria-hidden className="size-5 shrink-0" />
      <span className="min-w-0 flex-1 truncate">{t(textKey)}</span>
      {to === '/outbox' && <OutboxCount />}
    </Link>
  )
}
