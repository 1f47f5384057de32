import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { appTexts } from '../app.texts.ts'
import { MoreButton } from './account-button.tsx'
import { phoneDestinations } from './destinations.ts'
import { OutboxCount } from './outbox-count.tsx'

/** Navigation of a phone: four destinations and More. */
export function BottomBar() {
  const t = useTexts(appTexts)
  return (
    <nav
      aria-label={t('nav.main')}
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid h-16 grid-cols-5">
        {phoneDestinations.map(({ to, textKey, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className="flex h-full flex-col items-center justify-center gap-0.5 text-muted focus-visible:-outline-offset-2"
              activeProps={{
                className: 'text-accent-ink! font-semibold',
                'aria-current': 'page',
              }}
            >
              <span className="relative">
                <Icon aria-hidden className="size-5" />
                {to === '/outbox' && (
                  <span className="absolute start-3 -top-2">
                    <OutboxCount />
                  </span>
                )}
              </span>
              <span className="max-w-full truncate px-0.5 text-xs">{t(textKey)}</span>
            </Link>
          </li>
        ))}
        <li>
          <MoreButton />
        </li>
      </ul>
    </nav>
  )
}
