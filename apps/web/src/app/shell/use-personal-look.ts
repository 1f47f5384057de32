import type { Preferences } from '@studioops/contracts/accounts'
import { useEffect, useEffectEvent } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { applyTheme } from '../../lib/theme.ts'

/** What the profile says wins over what this device remembers (HE-1). */
export function usePersonalLook(preferences: Preferences | undefined): void {
  const { language, setLanguage } = useLanguage()
  const follow = useEffectEvent((wanted: Preferences['language']) => {
    const isHidden = language === 'en-Hebr'
    if (wanted !== undefined && wanted !== language && !isHidden) setLanguage(wanted)
  })
  const wantedLanguage = preferences?.language
  const wantedTheme = preferences?.theme
  useEffect(() => follow(wantedLanguage), [wantedLanguage])
  useEffect(() => {
    if (wantedTheme !== undefined) applyTheme(wantedTheme)
  }, [wantedTheme])
}
