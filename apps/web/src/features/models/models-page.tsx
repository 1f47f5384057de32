import type { ModelsView } from '@studioops/contracts/models'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { AddProvider } from './add-provider.tsx'
import { BudgetsForm } from './budgets-form.tsx'
import { ModelMonth } from './model-month.tsx'
import { ModelUsage } from './model-usage.tsx'
import { useModels } from './models.queries.ts'
import { modelsTexts } from './models.texts.ts'
import { PricesForm } from './prices-form.tsx'
import { ProviderList } from './provider-list.tsx'

/** Who answers, in which order, how each stands, and what it took (AI-5, LLM-7). */
export function ModelsPage() {
  const t = useTexts(modelsTexts)
  const models = useModels()
  return (
    <Page title={t('page.title')} lead={t('page.lead')}>
      {models.isPending && (
        <div className="flex flex-col gap-4">
          <LoadingStatus />
          <Skeleton shape="card" count={2} />
        </div>
      )}
      {models.isError && (
        <ProblemNotice
          error={models.error}
          isRetrying={models.isFetching}
          onRetry={() => void models.refetch()}
        />
      )}
      {models.data !== undefined && <Models view={models.data} />}
    </Page>
  )
}

function Models({ view }: { readonly view: ModelsView }) {
  const role = useAccount()?.role
  const runsWorkspace = role === 'owner' || role === 'admin'
  return (
    <div className="flex flex-col gap-10">
      <ProviderList view={view} runsWorkspace={runsWorkspace} />
      {runsWorkspace && <AddProvider />}
      <ModelMonth view={view} />
      <ModelUsage runsWorkspace={runsWorkspace} />
      {runsWorkspace && <PricesForm prices={view.prices} />}
      {runsWorkspace && <BudgetsForm />}
    </div>
  )
}
