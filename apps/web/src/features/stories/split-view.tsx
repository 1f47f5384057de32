import type { StoryVersion } from '@studioops/contracts/stories'
import type { StoryChild } from '@studioops/contracts/story-content'
import { coverageOf } from '@studioops/contracts/story-split'
import { PenLine, Sparkles, Split, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { ChildDialog } from './child-dialog.tsx'
import { CoverageTable } from './coverage-table.tsx'
import { RefineForm } from './refine-form.tsx'
import { splitTexts } from './split.texts.ts'
import { useEditStory } from './stories.queries.ts'
import type { StoryPanelProps } from './story-panel.tsx'
import { StoryView } from './story-view.tsx'

type SplitProps = StoryPanelProps & {
  readonly newest: StoryVersion
  readonly parts: readonly StoryChild[]
}

/** What a story was cut into, and where each of its criteria went (STY-8). */
export function SplitView(props: SplitProps) {
  const { story, newest, parts, editor, write, isOpen } = props
  const t = useTexts(splitTexts)
  const formats = useFormats()
  const edit = useEditStory(story.id)
  const [edited, setEdited] = useState<number>()
  // The answer of the server says the same; this one also knows versions before it did.
  const coverage = coverageOf(
    newest.content,
    parts.map(({ content }) => content),
  )
  const keep = (next: readonly StoryChild[], onSuccess?: () => void) =>
    edit.mutate(
      { basedOn: newest.number, content: newest.content, children: [...next] },
      { onSuccess: () => onSuccess?.() },
    )
  const put = (criterion: string, index: number) =>
    keep(parts.map((child, at) => (at === index ? withCriterion(child, criterion) : child)))
  const points = parts.reduce((sum, { content }) => sum + content.storyPoints, 0)
  const isFree = isOpen && !editor.isChanged
  return (
    <div className="flex min-w-0 flex-col gap-8">
      <p>{t('lead', { count: parts.length, points: formats.number(points) })}</p>
      {isOpen && editor.isChanged && <p className="text-sm text-muted">{t('blocked')}</p>}
      <CoverageTable
        rows={coverage}
        parts={parts}
        onPut={isFree ? put : undefined}
        isPending={edit.isPending}
      />
      {edit.isError && edited === undefined && <ProblemNotice error={edit.error} />}
      <ol className="flex flex-col gap-5">
        {parts.map((child, index) => (
          <ChildPart
            key={index}
            child={child}
            index={index}
            write={write}
            isFree={isFree}
            onEdit={() => setEdited(index)}
            onRemove={
              parts.length > 1 ? () => keep(parts.filter((_, at) => at !== index)) : undefined
            }
          />
        ))}
      </ol>
      {isFree && (
        <div className="flex flex-wrap gap-2">
          <Button
            isPending={write.isPending}
            icon={<Split className="flip size-4" />}
            onPress={() => write.mutate({ split: true })}
          >
            {t('anew')}
          </Button>
          <Button
            look="quiet"
            isPending={edit.isPending}
            icon={<Undo2 className="flip size-4" />}
            onPress={() => keep([])}
          >
            {t('undo')}
          </Button>
        </div>
      )}
      {edited !== undefined && parts[edited] !== undefined && (
        <ChildDialog
          child={parts[edited]}
          number={edited + 1}
          isPending={edit.isPending}
          error={edit.error}
          onSave={(content) =>
            keep(
              parts.map((child, at) => (at === edited ? { ...child, content } : child)),
              () => setEdited(undefined),
            )
          }
          onClose={() => {
            edit.reset()
            setEdited(undefined)
          }}
        />
      )}
    </div>
  )
}

function withCriterion(child: StoryChild, criterion: string): StoryChild {
  const { content } = child
  const acceptanceCriteria = [...content.acceptanceCriteria, criterion]
  return { ...child, content: { ...content, acceptanceCriteria } }
}

type PartProps = Pick<StoryPanelProps, 'write'> & {
  readonly child: StoryChild
  readonly index: number
  /** Whether it can be changed. */
  readonly isFree: boolean
  readonly onEdit: () => void
  readonly onRemove: (() => void) | undefined
}

function ChildPart({ child, index, write, isFree, onEdit, onRemove }: PartProps) {
  const t = useTexts(splitTexts)
  const [isRewriting, setIsRewriting] = useState(false)
  const number = index + 1
  const { content, splitFrom } = child
  return (
    <li className="flex min-w-0 flex-col gap-3 rounded-card border border-line p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="min-w-0 flex-1 basis-40 font-semibold wrap-anywhere">
          <span className="text-muted">{t('child.title', { number })}</span>{' '}
          <bdi>{content.summary}</bdi>
        </h3>
        <Badge tone="accent">{t('child.points', { count: content.storyPoints })}</Badge>
      </div>
      {splitFrom !== undefined && (
        <p className="text-sm text-muted">
          <RichText
            texts={splitTexts}
            textKey="child.level"
            values={{ from: splitFrom }}
            parts={{ from: <bdi /> }}
          />
        </p>
      )}
      <details>
        <summary className="min-h-8 cursor-pointer text-sm text-muted max-md:min-h-11">
          {t('child.show')}
        </summary>
        <div className="mt-2">
          <StoryView story={content} />
        </div>
      </details>
      {isFree && (
        <div className="flex flex-wrap gap-2">
          <Button
            size="small"
            aria-label={t('child.edit', { number })}
            icon={<PenLine className="size-4" />}
            onPress={onEdit}
          >
            {t('child.edit.short')}
          </Button>
          <Button
            size="small"
            aria-label={t('child.rewrite', { number })}
            aria-expanded={isRewriting}
            icon={<Sparkles className="size-4" />}
            onPress={() => setIsRewriting((shown) => !shown)}
          >
            {t('child.rewrite.short')}
          </Button>
          {onRemove !== undefined && (
            <Button
              size="small"
              look="quiet"
              aria-label={t('child.remove', { number })}
              icon={<Trash2 className="size-4" />}
              onPress={onRemove}
            >
              {t('child.remove.short')}
            </Button>
          )}
        </div>
      )}
      {isFree && isRewriting && <RefineForm write={write} isBlocked={false} child={index} />}
    </li>
  )
}
