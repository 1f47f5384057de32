import type { KeptEdit, Story, StoryVersion } from '@studioops/contracts/stories'
import type { StoryContent } from '@studioops/contracts/story-content'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { usePlaceWords } from './rule-words.tsx'
import { useEditStory } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

/** Whether a person wrote anything of a version by hand. */
export function hasEdits({ edits }: StoryVersion): boolean {
  return Object.values(edits).some((list) => list.length > 0)
}

/** Where the model wanted something else than what stands there by hand; each can be taken over. */
export function KeptEdits({
  story,
  newest,
  isBlocked,
}: {
  readonly story: Story
  readonly newest: StoryVersion
  /** Corrections are not saved: taking over would be based on something else. */
  readonly isBlocked: boolean
}) {
  const t = useTexts(storiesTexts)
  const edit = useEditStory(story.id)
  if (newest.source !== 'model' || newest.keptEdits.length === 0) return undefined
  const take = (kept: KeptEdit) =>
    edit.mutate({ basedOn: newest.number, content: withProposal(newest.content, kept) })
  return (
    <Notice tone="accent" title={t('kept.title')}>
      <p>{t('kept.lead')}</p>
      <ul className="mt-2 flex flex-col gap-3">
        {newest.keptEdits.map((kept, index) => (
          <Kept
            key={index}
            kept={kept}
            isBlocked={isBlocked || edit.isPending}
            onTake={() => take(kept)}
          />
        ))}
      </ul>
      {edit.isError && <ProblemNotice error={edit.error} />}
    </Notice>
  )
}

function Kept({
  kept: { path, kept, proposed },
  isBlocked,
  onTake,
}: {
  readonly kept: KeptEdit
  readonly isBlocked: boolean
  readonly onTake: () => void
}) {
  const t = useTexts(storiesTexts)
  const place = usePlaceWords()(path)
  return (
    <li className="flex flex-col items-start gap-1">
      <p className="wrap-anywhere">
        <span className="text-muted">{place}: </span>
        <bdi>{kept}</bdi>
      </p>
      <p className="text-sm wrap-anywhere">
        {proposed === '' ? (
          t('kept.gone')
        ) : (
          <RichText
            texts={storiesTexts}
            textKey="kept.proposed"
            values={{ text: proposed }}
            parts={{ text: <bdi /> }}
          />
        )}
      </p>
      <Button
        size="small"
        isDisabled={isBlocked}
        aria-label={t('kept.take', { place })}
        onPress={onTake}
      >
        {t('kept.take.short')}
      </Button>
    </li>
  )
}

/** The story with what the model proposed in the place of what was kept. */
export function withProposal(
  content: StoryContent,
  { path, kept, proposed }: KeptEdit,
): StoryContent {
  const [group = '', name = ''] = path.split('.')
  if (group === 'acceptanceCriteria') {
    const texts = content.acceptanceCriteria.map((text) => (text === kept ? proposed : text))
    return { ...content, acceptanceCriteria: texts.filter((text) => text !== '') }
  }
  if (group === 'summary') return { ...content, summary: proposed }
  if (group === 'storyPoints') return { ...content, storyPoints: Number(proposed) }
  if (group === 'narrative')
    return { ...content, narrative: { ...content.narrative, [name]: proposed } }
  if (group === 'stlcNotes')
    return { ...content, stlcNotes: { ...content.stlcNotes, [name]: proposed } }
  const sections = content.sections?.map((section) =>
    section.key === name ? { ...section, text: proposed } : section,
  )
  return sections === undefined ? content : { ...content, sections }
}
