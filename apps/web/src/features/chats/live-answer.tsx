import type { Chat } from '@studioops/contracts/chats'
import type { Run } from '@studioops/contracts/runs'
import { Square } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import type { FollowedRun } from '../../lib/run-follow.ts'
import { useStopRun } from '../../lib/run.queries.ts'
import { useEscape } from '../../lib/use-escape.ts'
import { Button } from '../../ui/button.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { AnsweredQuestions, QuestionCard } from '../../ui/question-card.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { Discarded } from './answer-view.tsx'
import { chatKey } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import type { Placed } from './use-thread.ts'

type Phase =
  | 'starting'
  | 'planning'
  | 'reading'
  | 'thinking'
  | 'writing'
  | 'waiting'
  | 'reconnecting'
  | 'complete'
  | 'offline'
  | 'stopped'
  | 'partial'
  | 'failed'

function phaseOf(run: Run, { progress, link }: FollowedRun): Phase {
  if (progress.done !== undefined) return progress.done.state
  if (link === 'reconnecting') return 'reconnecting'
  if (questionOf(run, progress) !== undefined) return 'waiting'
  if (progress.text !== '') return 'writing'
  if (progress.isThinking) return 'thinking'
  const { phase } = progress
  return phase === 'planning' || phase === 'reading' ? phase : 'starting'
}

function questionOf(run: Run, progress: FollowedRun['progress']) {
  return progress.lastId === undefined ? run.question : progress.question
}

/** Says how the answer stands; its text is never read out piece by piece. */
export function RunStatus({
  run,
  followed,
}: {
  readonly run: Run | undefined
  readonly followed: FollowedRun
}) {
  const t = useTexts(chatsTexts)
  return (
    <VisuallyHidden role="status">
      {run !== undefined && t(`run.${phaseOf(run, followed)}`)}
    </VisuallyHidden>
  )
}

/** An answer while it is written. */
export function LiveAnswer({
  chat,
  placed: { message },
  followed,
}: {
  readonly chat: Chat
  readonly placed: Placed
  readonly followed: FollowedRun
}) {
  const t = useTexts(chatsTexts)
  const { run } = message
  const { progress } = followed
  const question = run && questionOf(run, progress)
  return (
    <article
      aria-label={t('message.answer')}
      aria-busy={progress.done === undefined}
      className="flex flex-col gap-4"
    >
      {run !== undefined && chat.isOwn && <LiveBar run={run} followed={followed} />}
      <Discarded discarded={progress.dropped} />
      {progress.tools.length > 0 && (
        <ul aria-label={t('call.list')} className="flex flex-col gap-1 text-sm text-muted">
          {progress.tools.map(({ callId, title, server, state }) => (
            <li key={callId} className="wrap-anywhere">
              <bdi>{title}</bdi> · <bdi>{server}</bdi> · {t(`call.${state}`)}
            </li>
          ))}
        </ul>
      )}
      <AnsweredQuestions answered={progress.answered} />
      {run !== undefined && question !== undefined && (
        <QuestionCard
          key={question.requestId}
          queryKey={chatKey(chat.id)}
          runId={run.id}
          question={question}
          headingLevel={2}
        />
      )}
      <Markdown text={progress.text} isGrowing codeLabel={t('message.code')} />
    </article>
  )
}

function LiveBar({ run, followed }: { readonly run: Run; readonly followed: FollowedRun }) {
  const t = useTexts(chatsTexts)
  const stop = useStopRun()
  const isOver = followed.progress.done !== undefined
  const isStopping = stop.isPending || stop.isSuccess
  const stopOnce = () => {
    if (!isOver && !isStopping) stop.mutate(run.id)
  }
  useEscape(stopOnce)
  const model = followed.progress.attempts.at(-1)?.model
  return (
    <div className="flex flex-col gap-2">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="flex min-w-0 flex-wrap items-center gap-x-2.5">
          {!isOver && <Spinner />}
          <span>{t(`run.${phaseOf(run, followed)}`)}</span>
          {model !== undefined && (
            <span className="text-sm text-muted">{t('message.by', { model })}</span>
          )}
        </p>
        {!isOver && (
          <Button
            size="small"
            isPending={isStopping}
            icon={<Square className="size-3.5 fill-current" />}
            onPress={stopOnce}
          >
            {t(isStopping ? 'run.stopping' : 'run.stop')}
          </Button>
        )}
      </div>
      {stop.isError && <ProblemNotice error={stop.error} onRetry={stopOnce} />}
    </div>
  )
}
