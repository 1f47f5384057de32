import type { Chat } from '@studioops/contracts/chats'
import { ArrowDown } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import type { FollowedRun } from '../../lib/run-follow.ts'
import { Button } from '../../ui/button.tsx'
import { AnswerView } from './answer-view.tsx'
import type { useAsk } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import { LiveAnswer } from './live-answer.tsx'
import { QuestionView } from './question-view.tsx'
import type { Placed } from './use-thread.ts'

/** What was said on the chosen path, oldest first. */
export function Thread({
  chat,
  path,
  followed,
  ask,
}: {
  readonly chat: Chat
  readonly path: readonly Placed[]
  readonly followed: FollowedRun
  readonly ask: ReturnType<typeof useAsk>
}) {
  const grown = `${path.length} ${followed.progress.text.length} ${followed.progress.tools.length}`
  const { end, isAtEnd, toEnd } = useStickToEnd(grown)
  const t = useTexts(chatsTexts)
  if (path.length === 0) return <EmptyThread chat={chat} ask={ask} />
  return (
    <div className="flex flex-col gap-6">
      {path.map((placed) => {
        const { message } = placed
        if (message.role === 'user')
          return <QuestionView key={message.id} chat={chat} placed={placed} ask={ask} />
        if (message.state === 'writing')
          return <LiveAnswer key={message.id} chat={chat} placed={placed} followed={followed} />
        return <AnswerView key={message.id} chat={chat} placed={placed} />
      })}
      <div ref={end} />
      {!isAtEnd && (
        <div className="sticky bottom-4 flex justify-center">
          <Button size="small" icon={<ArrowDown className="size-4" />} onPress={toEnd}>
            {t('run.toEnd')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Stays at the end while the reader is there; a reader who has scrolled up is never moved. */
function useStickToEnd(grown: string) {
  const end = useRef<HTMLDivElement>(null)
  const sticks = useRef(true)
  const [isAtEnd, setIsAtEnd] = useState(true)
  const toEnd = () => end.current?.scrollIntoView?.({ block: 'end' })
  useEffect(() => {
    const target = end.current
    if (target === null || typeof IntersectionObserver === 'undefined') return
    const observer = new IntersectionObserver(
      ([entry]) => {
        sticks.current = entry?.isIntersecting === true
        setIsAtEnd(sticks.current)
      },
      { rootMargin: '0px 0px 240px 0px' },
    )
    observer.observe(target)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (sticks.current) end.current?.scrollIntoView?.({ block: 'end' })
  }, [grown])
  return { end, isAtEnd, toEnd }
}

const suggestions = ['suggest.issues', 'suggest.boards', 'suggest.plan'] as const

function EmptyThread({
  chat,
  ask,
}: {
  readonly chat: Chat
  readonly ask: ReturnType<typeof useAsk>
}) {
  const t = useTexts(chatsTexts)
  return (
    <div className="flex flex-col items-center gap-3 py-8 text-center">
      <p className="text-lg font-semibold">{t('empty.title')}</p>
      <p className="max-w-prose text-muted">{t('empty.text')}</p>
      {chat.isOwn && (
        <ul aria-label={t('empty.first')} className="flex flex-wrap justify-center gap-2 pt-2">
          {suggestions.map((key) => (
            <li key={key}>
              <Button
                size="small"
                isPending={ask.isPending}
                onPress={() => ask.mutate({ text: t(key) })}
              >
                {t(key)}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
