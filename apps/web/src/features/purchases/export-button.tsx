import { Download } from 'lucide-react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { type PurchaseView, useExport } from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

/** A file of exactly what the filter shows. */
export function ExportButton({
  projectId,
  view,
}: {
  readonly projectId: string
  readonly view: PurchaseView
}) {
  const t = useTexts(purchasesTexts)
  const { texts } = useLanguage()
  const taking = useExport(projectId)
  return (
    <>
      <Button
        isPending={taking.isPending}
        icon={<Download aria-hidden className="size-4" />}
        onPress={() => taking.mutate({ view, language: texts }, { onSuccess: keep })}
      >
        {t('export.do')}
      </Button>
      {taking.isError && <ProblemNotice error={taking.error} />}
    </>
  )
}

function keep({ name, content }: { readonly name: string; readonly content: string }): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
