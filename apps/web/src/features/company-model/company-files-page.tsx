import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Card } from '../../ui/card.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { CompanyFilesEditor } from './company-files-editor.tsx'
import { CompanyHistory } from './company-history.tsx'
import { useCompanyFiles } from './company-model.queries.ts'
import { companyModelTexts } from './company-model.texts.ts'

/** The four files of the company model, for those who run the workspace (CFG-10). */
export function CompanyFilesPage() {
  const t = useTexts(companyModelTexts)
  const files = useCompanyFiles()
  return (
    <Page title={t('files.title')} lead={t('files.lead')} width="wide">
      <div className="flex flex-col gap-6">
        {files.isPending && <Loading />}
        {files.isError && (
          <ProblemNotice
            error={files.error}
            isRetrying={files.isFetching}
            onRetry={() => void files.refetch()}
          />
        )}
        {files.data !== undefined && (
          <>
            <CompanyFilesEditor
              // What somebody types belongs to the version that they saw.
              key={files.data.version?.number ?? 0}
              overview={files.data}
            />
            <CompanyHistory inForce={files.data} />
          </>
        )}
      </div>
    </Page>
  )
}

function Loading() {
  return (
    <>
      <LoadingStatus />
      <Card>
        <div className="flex flex-col gap-4">
          <Skeleton shape="title" />
          <Skeleton shape="field" count={4} />
        </div>
      </Card>
    </>
  )
}
