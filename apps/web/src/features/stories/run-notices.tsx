import { limits } from '@studioops/contracts/limits'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { readPartialReply } from './partial-story.ts'
import type { Attempt, DroppedText, RunProgress } from '../../lib/run-progress.ts'
import { storiesTexts } from './stories.texts.ts'
import { StoryView } from './story-view.tsx'

/** What happened on the way: attempts that were dropped, other models, automatic corrections. */
export function RunNotices({ progress }: { readonly progress: RunProgress }) {
  const t = useTexts(storiesTexts)
  const { attempts, dropped } = progress
  const newest = attempts.at(-1)
  if (dropped.length === 0 && (newest?.round ?? 0) === 0) return undefined
  return (
    <>
      {dropped.map((each, index) => (
        <DroppedNotice key={index} dropped={each} next={successorOf(each, attempts)} />
      ))}
      {newest !== undefined && newest.round > 0 && (
        <Notice tone="accent">
          {t('run.round', { round: newest.round, max: limits.regenerationRounds })}
        </Notice>
      )}
    </>
  )
}

/** The model that went on instead, where it was another one. */
function successorOf(dropped: DroppedText, attempts: readonly Attempt[]): string | undefined {
  const model = attempts.at(-1)?.model
  return model === dropped.model ? undefined : model
}

function DroppedNotice({
  dropped,
  next,
}: {
  readonly dropped: DroppedText
  readonly next: string | undefined
}) {
  const t = useTexts(storiesTexts)
  return (
    <Notice tone="warn">
      <p>
        {t(`run.dropped.${dropped.reason}`)}
        {next !== undefined && ` ${t('run.took-over', { model: next })}`}
      </p>
      <details className="mt-1">
        <summary className="cursor-pointer text-sm">{t('run.dropped.show')}</summary>
        <div className="mt-2">
          <UnfinishedText text={dropped.text} />
        </div>
      </details>
    </Notice>
  )
}

/** What was written before it ended early: as a story where it can be read as one. */
export function UnfinishedText({ text }: { readonly text: string }) {
  const reply = readPartialReply(text)
  if (reply.kind === 'story') return <StoryView story={reply.story} />
  return (
    <p dir="auto" className="text-start wrap-anywhere whitespace-pre-wrap">
      {text}
    </p>
  )
}
