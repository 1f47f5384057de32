import { Download, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { AuditFilterForm, everything, filterOf } from './audit-filter.tsx'
import { AuditList } from './audit-list.tsx'
import { AuditReportNotice } from './audit-report.tsx'
import { useExportAudit, useVerifyAudit } from './audit.queries.ts'
import { auditTexts } from './audit.texts.ts'

/** Who did what, for those who run the workspace (SEC-7). */
export function AuditPage() {
  const t = useTexts(auditTexts)
  const [choice, setChoice] = useState(everything)
  const filter = filterOf(choice)
  const verification = useVerifyAudit()
  const exported = useExportAudit()
  const isExporting = (form: 'csv' | 'jsonl') =>
    exported.isPending && exported.variables.form === form
  return (
    <Page
      title={t('page.title')}
      lead={t('page.lead')}
      width="wide"
      actions={
        <>
          <Button
            icon={<ShieldCheck aria-hidden className="size-4" />}
            isPending={verification.isPending}
            onPress={() => verification.mutate()}
          >
            {t('verify')}
          </Button>
          {(['csv', 'jsonl'] as const).map((form) => (
            <Button
              key={form}
              icon={<Download aria-hidden className="size-4" />}
              isPending={isExporting(form)}
              onPress={() => exported.mutate({ filter, form })}
            >
              {t(`export.${form}`)}
            </Button>
          ))}
        </>
      }
    >
      <div className="flex flex-col gap-6">
        {verification.isError && (
          <ProblemNotice error={verification.error} onRetry={() => verification.mutate()} />
        )}
        {verification.data !== undefined && <AuditReportNotice report={verification.data} />}
        {exported.isError && <ProblemNotice error={exported.error} />}
        <AuditFilterForm choice={choice} onChange={setChoice} />
        <AuditList filter={filter} onShowAll={() => setChoice(everything)} />
      </div>
    </Page>
  )
}
