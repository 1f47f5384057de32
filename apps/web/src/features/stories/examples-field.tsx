import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import type { Examples } from './editor-state.ts'
import { storiesTexts } from './stories.texts.ts'

const first: Examples = { columns: ['value'], rows: [[''], ['']] }

/** The table of a Scenario Outline, as feature files write it: `| a | b |`. */
export function ExamplesField({
  number,
  examples,
  onChange,
}: {
  readonly number: number
  readonly examples: Examples | undefined
  readonly onChange: (examples: Examples | undefined) => void
}) {
  const t = useTexts(storiesTexts)
  const [text, setText] = useState(() => textOf(examples))
  if (examples === undefined)
    return (
      <div>
        <Button
          size="small"
          look="quiet"
          icon={<Plus className="size-4" />}
          onPress={() => onChange(first)}
        >
          {t('edit.examples.add')}
        </Button>
      </div>
    )
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        label={t('edit.examples', { number })}
        description={t('edit.examples.hint')}
        value={text}
        onChange={(next) => {
          setText(next)
          onChange(examplesOf(next))
        }}
        rows={3}
      />
      <div>
        <Button
          size="small"
          look="quiet"
          icon={<Trash2 className="size-4" />}
          onPress={() => onChange(undefined)}
        >
          {t('edit.examples.remove')}
        </Button>
      </div>
    </div>
  )
}

function textOf(examples: Examples | undefined): string {
  if (examples === undefined) return ''
  return [examples.columns, ...examples.rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const columnsMax = 8
const rowsMax = 20

/** Rows are as long as the first line, so that the table stays whole while one types. */
export function examplesOf(text: string): Examples {
  const [head = [], ...rows] = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(cellsOf)
  const columns = head.filter((cell) => cell !== '').slice(0, columnsMax)
  if (columns.length === 0) return { ...first, rows: [] }
  return {
    columns,
    rows: rows.slice(0, rowsMax).map((cells) => columns.map((_, index) => cells[index] ?? '')),
  }
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|')
    .map((cell) => cell.trim())
}
