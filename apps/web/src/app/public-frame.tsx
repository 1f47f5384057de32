import { Link, Outlet } from '@tanstack/react-router'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { appTexts } from './app.texts.ts'
import { Brand } from './brand.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { SkipLink } from './skip-link.tsx'

/** The frame of what a visitor sees: welcome, registration, sign-in. */
export function PublicFrame() {
  const t = useTexts(appTexts)
  return (
    <>
      <SkipLink />
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between gap-4 px-4 py-4 sm:px-8">
        <Link to="/" aria-label={t('home')} className="rounded-field">
          <Brand />
        </Link>
        <LanguageSwitch />
      </header>
      <main id="content" tabIndex={-1} className="flex flex-1 flex-col">
        <Outlet />
      </main>
    </>
  )
}
