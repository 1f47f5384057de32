import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { deletionTexts } from './deletion.texts.ts'

type Table = Extract<keyof typeof deletionTexts.en, `table.${string}`>

const isKnown = (key: string): key is Table => key in deletionTexts.en

/** How many rows of each table, the most first; a table of a later version is named as it is. */
export function RowCounts({ counts }: { readonly counts: Readonly<Record<string, number>> }) {
  const t = useTexts(deletionTexts)
  const formats = useFormats()
  const entries = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
  if (entries.length === 0) return <span>{t('none')}</span>
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1">
      {entries.map(([table, count]) => {
        const key = `table.${table}`
        return (
          <li key={table}>
            {formats.number(count)} {isKnown(key) ? t(key) : <bdi dir="ltr">{table}</bdi>}
          </li>
        )
      })}
    </ul>
  )
}
