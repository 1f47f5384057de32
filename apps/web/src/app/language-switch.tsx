import { Languages } from 'lucide-react'
import { useLanguage } from '../lib/i18n/language-provider.tsx'
import { Button } from '../ui/button.tsx'

/** To the other language, in its own words, as a person who cannot read this one needs it. */
export function LanguageSwitch() {
  const { texts, setLanguage } = useLanguage()
  const other = texts === 'he' ? 'en' : 'he'
  return (
    <Button
      look="quiet"
      icon={<Languages aria-hidden className="size-4" />}
      onPress={() => setLanguage(other)}
    >
      <span lang={other}>{other === 'he' ? 'עברית' : 'English'}</span>
    </Button>
  )
}
