import { useTexts } from '../lib/i18n/use-texts.ts'
import { appTexts } from './app.texts.ts'

/** The first stop of the keyboard. */
export function SkipLink() {
  const t = useTexts(appTexts)
  return (
    <a
      href="#content"
      className="not-focus:sr-only rounded-field bg-accent px-4 py-2 font-medium text-on-accent focus:fixed focus:start-4 focus:top-2 focus:z-60"
      onClick={(event) => {
        event.preventDefault()
        document.getElementById('content')?.focus()
      }}
    >
      {t('skip')}
    </a>
  )
}
