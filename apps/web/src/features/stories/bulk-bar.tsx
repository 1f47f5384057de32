import { limits } from '@studioops/contracts/limits'
import type { StorySummary } from '@studioops/contracts/stories'
import { CheckCheck, Download } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { BulkDialog } from './bulk-dialog.tsx'
import { useExportStories } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

type BarProps = {
  /** Those that are shown. */
  readonly stories: readonly StorySummary[]
  readonly chosen: readonly StorySummary[]
  readonly onChoose: (storyIds: ReadonlySet<string>) => void
}

/** What can be done with several stories at once. */
export function BulkBar({ stories, chosen, onChoose }: BarProps) {
  const t = useTexts(storiesTexts)
  const toast = useToast()
  const exported = useExportStories()
  const [isAsked, setIsAsked] = useState(false)
  const drafts = chosen.filter(({ state }) => state === 'draft').slice(0, limits.approveAtOnceMax)
  const write = (format: 'csv' | 'markdown') =>
    exported.mutate(
      { format, storyIds: chosen.slice(0, limits.exportMax).map(({ id }) => id) },
      {
        onSuccess: ({ fileName, mediaType, text }) => {
          saveFile({ fileName, mediaType, text })
          toast({ text: t('bulk.exported', { name: fileName }), tone: 'good' })
        },
      },
    )
  return (
    <div className="mb-3 flex flex-col gap-2">
      <div
        role="group"
        aria-label={t('bulk.label')}
        className="flex flex-wrap items-center gap-x-4 gap-y-2"
      >
        <Checkbox
          isSelected={chosen.length > 0 && chosen.length === stories.length}
          onChange={(isAll) => onChoose(new Set(isAll ? stories.map(({ id }) => id) : []))}
        >
          {t('list.select.all')}
        </Checkbox>
        {chosen.length > 0 && (
          <>
            <span role="status" className="text-sm text-muted">
              {t('bulk.chosen', { count: chosen.length })}
            </span>
            <Button
              size="small"
              isDisabled={drafts.length === 0}
              icon={<CheckCheck className="size-4" />}
              onPress={() => setIsAsked(true)}
            >
              {t('bulk.approve')}
            </Button>
            {(['csv', 'markdown'] as const).map((format) => (
              <Button
                key={format}
                size="small"
                isPending={exported.isPending && exported.variables.format === format}
                icon={<Download className="size-4" />}
                onPress={() => write(format)}
              >
                {t(`bulk.${format}`)}
              </Button>
            ))}
          </>
        )}
      </div>
      {exported.isError && <ProblemNotice error={exported.error} />}
      {isAsked && (
        <BulkDialog
          storyIds={drafts.map(({ id }) => id)}
          onClose={() => {
            setIsAsked(false)
            onChoose(new Set())
          }}
        />
      )}
    </div>
  )
}

type TextFile = { readonly fileName: string; readonly mediaType: string; readonly text: string }

const keptMs = 10_000

function saveFile({ fileName, mediaType, text }: TextFile): void {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), keptMs)
}
