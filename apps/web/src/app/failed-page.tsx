import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { appTexts } from './app.texts.ts'
import { VisitorFrame } from './public-frame.tsx'

const lostChunk = /dynamically imported module|Importing a module script failed/i

/** In place of a page that failed, inside the frame that still works. */
export function FailedPage({ error }: ErrorComponentProps) {
  const t = useTexts(appTexts)
  const router = useRouter()
  const isNewVersion = error instanceof Error && lostChunk.test(error.message)
  return (
    <Page title={t('failed.title')} width="narrow">
      {isNewVersion ? (
        <Notice
          role="alert"
          tone="warn"
          title={t('failed.newVersion')}
          actions={<Button onPress={() => location.reload()}>{t('failed.reload')}</Button>}
        >
          {t('failed.newVersion.step')}
        </Notice>
      ) : (
        <ProblemNotice error={error} onRetry={() => void router.invalidate()} />
      )}
    </Page>
  )
}

/** The same where the frame itself could not be shown. */
export function FailedScreen(props: ErrorComponentProps) {
  return (
    <VisitorFrame>
      <FailedPage {...props} />
    </VisitorFrame>
  )
}
