import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useReceiptChoices } from './purchases.queries.ts'
import { purchasesTexts } from './purchases.texts.ts'

type Props = {
  readonly projectId: string
  /** Empty: none. */
  readonly value: string
  readonly onChange: (documentId: string) => void
}

/** A document of the project, the last changed first. */
export function ReceiptField({ projectId, value, onChange }: Props) {
  const t = useTexts(purchasesTexts)
  const documents = useReceiptChoices(projectId)
  if (documents.isError)
    return <ProblemNotice error={documents.error} onRetry={() => void documents.refetch()} />
  const known = documents.data ?? []
  const isMissing = value !== '' && known.every(({ id }) => id !== value)
  return (
    <Select
      label={t('field.receipt')}
      value={value}
      options={[
        { id: '', label: t('receipt.none') },
        ...(isMissing ? [{ id: value, label: t('receipt.kept') }] : []),
        ...known.map(({ id, name }) => ({ id, label: name })),
      ]}
      onChange={onChange}
    />
  )
}
