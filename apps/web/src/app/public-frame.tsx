import { Link, Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { appTexts } from './app.texts.ts'
import { Brand } from './brand.tsx'
import { LanguageSwitch } from './language-switch.tsx'

/** The frame of what a visitor sees: welcome, registration, sign-in. */
export function PublicFrame() {
  return (
    <VisitorFrame>
      <Outlet />
    </VisitorFrame>
  )
}

export function VisitorFrame({ children }: { readonly children: ReactNode }) {
  const t = useTexts(appTexts)
  return (
    <>
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between gap-4 px-4 py-4 sm:px-8">
        <Link to="/" aria-label={t('home')} className="flex min-h-11 items-center rounded-field">
          <Brand />
        </Link>
        <LanguageSwitch />
      </header>
      <main id="content" tabIndex={-1} className="flex flex-1 flex-col">
        {children}
      </main>
    </>
  )
}
