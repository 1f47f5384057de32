import { useTexts } from '../lib/i18n/use-texts.ts'
import { appTexts } from './app.texts.ts'

/** The first stop of the keyboard. */
export function SkipLink() {
  const t = useTexts(appTexts)
  return (
    <a
      href="#content"
      className="fixed start-4 top-2 z-60 -translate-y-20 rounded-field bg-accent px-4 py-2 font-medium text-on-accent focus:translate-y-0"
      onClick={(event) => {
        event.preventDefault()
        document.getElementById('content')?.focus()
      }}
    >
      {t('skip')}
    </a>
  )
}
