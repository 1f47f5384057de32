import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { buttonClass } from '../ui/button-class.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Page } from '../ui/page.tsx'
import { appTexts } from './app.texts.ts'
import { VisitorFrame } from './public-frame.tsx'

/** The same words for what does not exist and for what is not yours. */
export function NotFoundPage() {
  const t = useTexts(appTexts)
  return (
    <Page title={t('notFound.title')} width="narrow">
      <EmptyState
        icon={Compass}
        title={t('notFound.text')}
        action={
          <Link to="/" className={buttonClass({ look: 'primary' })}>
            {t('notFound.back')}
          </Link>
        }
      />
    </Page>
  )
}

/** The same for an address outside every frame. */
export function NotFoundScreen() {
  return (
    <VisitorFrame>
      <NotFoundPage />
    </VisitorFrame>
  )
}
