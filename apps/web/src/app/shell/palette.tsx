import type { Account } from '@studioops/contracts/accounts'
import { Suspense, useEffect, useState } from 'react'
import { SearchPalette } from '../../features/search/index.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { appTexts } from '../app.texts.ts'
import {
  adminDestinations,
  destinations,
  laterDestinations,
  runsWorkspace,
} from './destinations.ts'
import { isShortcut } from './shortcut.ts'

/** Search over everything, behind ⌘K or Ctrl+K on any keyboard. */
export function Palette({ account }: { readonly account: Account }) {
  const t = useTexts(appTexts)
  const [isOpen, setIsOpen] = useState(false)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isShortcut(event, 'k')) return
      event.preventDefault()
      setIsOpen(true)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  if (!isOpen) return undefined
  const ofAdmins = runsWorkspace(account) ? adminDestinations : []
  const pages = [...destinations, ...laterDestinations, ...ofAdmins].map(({ to, textKey }) => ({
    href: to,
    label: t(textKey),
  }))
  return (
    <Suspense>
      <SearchPalette pages={pages} onClose={() => setIsOpen(false)} />
    </Suspense>
  )
}
