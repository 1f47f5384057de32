import { demoFaults, type DemoFaults } from '@studioops/contracts/installation'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { PopoverDialog } from '../../ui/popover-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { FaultsButton } from './demo-buttons.tsx'
import { useDemoFaults, useSetDemoFaults } from './installation.queries.ts'
import { installationTexts } from './installation.texts.ts'

const { jira: jiraFaults, model: modelFaults } = demoFaults.shape
/** They fail in the same ways. */
const systems = ['jira', 'confluence', 'trello'] as const

/** Lets the simulated systems fail, so that one can watch what the product does. */
export function FaultSwitches({ isOpenAtFirst }: { readonly isOpenAtFirst: boolean }) {
  const t = useTexts(installationTexts)
  const faults = useDemoFaults(true)
  const active = Object.values(faults.data ?? {}).filter((fault) => fault !== 'none').length
  return (
    <PopoverDialog
      title={t('faults.title')}
      isOpenAtFirst={isOpenAtFirst}
      trigger={<FaultsButton activeCount={active} />}
    >
      <p className="mt-1 mb-4 text-sm text-muted">{t('faults.text')}</p>
      {faults.isPending && (
        <div className="flex flex-col gap-3">
          <LoadingStatus />
          <Skeleton shape="field" count={2} />
        </div>
      )}
      {faults.isError && (
        <ProblemNotice error={faults.error} onRetry={() => void faults.refetch()} />
      )}
      {faults.data !== undefined && <FaultForm faults={faults.data} />}
    </PopoverDialog>
  )
}

function FaultForm({ faults }: { readonly faults: DemoFaults }) {
  const t = useTexts(installationTexts)
  const set = useSetDemoFaults()
  return (
    <div className="flex flex-col gap-4">
      {systems.map((system) => (
        <Select
          key={system}
          label={t(`faults.${system}`)}
          value={faults[system]}
          options={jiraFaults.options.map((id) => ({ id, label: t(`faults.${id}`) }))}
          onChange={(fault) => set.mutate({ ...faults, [system]: fault })}
        />
      ))}
      <Select
        label={t('faults.model')}
        value={faults.model}
        options={modelFaults.options.map((id) => ({ id, label: t(`faults.${id}`) }))}
        onChange={(model) => set.mutate({ ...faults, model })}
      />
      {set.isError && <ProblemNotice error={set.error} />}
    </div>
  )
}
