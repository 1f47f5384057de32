import type { Chat, ChatMessage, ChatSource } from '@studioops/contracts/chats'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import type { DroppedText } from '../../lib/run-progress.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { Notice } from '../../ui/notice.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { BranchSwitch } from './branch-switch.tsx'
import { CallList } from './call-list.tsx'
import { useRegenerate } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import { ContextMeter } from './context-meter.tsx'
import type { Placed } from './use-thread.ts'
import { WriteCard } from './write-card.tsx'

/** An answer that has ended, however it ended. */
export function AnswerView({ chat, placed }: { readonly chat: Chat; readonly placed: Placed }) {
  const t = useTexts(chatsTexts)
  const { message } = placed
  const [open, setOpen] = useState<number>()
  const { sources, calls, text, problem } = message
  const writes = calls.filter(({ effect, state }) => effect === 'write' && state !== 'blocked')
  return (
    <article aria-label={t('message.answer')} className="flex flex-col gap-4">
      <Signs message={message} />
      {problem !== undefined && (
        <Notice tone="warn" title={problem.title}>
          <ul>
            {problem.recovery.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Discarded discarded={message.discarded} />
      <CallList calls={calls.filter((call) => !writes.includes(call))} />
      <Markdown
        text={text}
        codeLabel={t('message.code')}
        cite={{ label: (number) => labelOf(sources, number, t), onOpen: setOpen }}
      />
      {writes.map((call) => (
        <WriteCard key={call.id} chat={chat} call={call} />
      ))}
      <Sources sources={sources} onOpen={setOpen} />
      <AnswerBar chat={chat} placed={placed} />
      {open !== undefined && (
        <SourceDialog
          number={open}
          source={sources.find(({ number }) => number === open)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </article>
  )
}

type Translate = ReturnType<typeof useTexts<typeof chatsTexts.en>>

function labelOf(sources: readonly ChatSource[], number: number, t: Translate): string | undefined {
  const source = sources.find((one) => one.number === number)
  return source && t('source.open', { number, title: source.title })
}

const signs = {
  stopped: 'message.stopped',
  partial: 'message.partial',
  failed: 'message.failed',
} as const

function Signs({ message }: { readonly message: ChatMessage }) {
  const t = useTexts(chatsTexts)
  const { state } = message
  const sign = state in signs ? signs[state as keyof typeof signs] : undefined
  if (!message.fallback && sign === undefined) return undefined
  return (
    <p className="flex flex-wrap gap-2">
      {message.fallback && <Badge tone="warn">{t('message.fallback')}</Badge>}
      {sign !== undefined && <Badge tone="warn">{t(sign)}</Badge>}
    </p>
  )
}

/** Beginnings that broke off: taken back, and still to be seen. */
export function Discarded({
  discarded,
}: {
  readonly discarded: readonly (Omit<DroppedText, 'model'> & {
    readonly model?: string | undefined
  })[]
}) {
  const t = useTexts(chatsTexts)
  return discarded.map(({ text, reason, model }, index) => (
    <Notice key={index} tone="warn">
      <p>
        {t(`dropped.${reason}`)}
        {model !== undefined && ` ${t('dropped.byModel', { model })}`}
      </p>
      <details className="mt-1">
        <summary className="cursor-pointer text-sm">{t('dropped.show')}</summary>
        <p dir="auto" className="mt-2 text-start wrap-anywhere whitespace-pre-wrap line-through">
          {text}
        </p>
      </details>
    </Notice>
  ))
}

function Sources({
  sources,
  onOpen,
}: {
  readonly sources: readonly ChatSource[]
  readonly onOpen: (number: number) => void
}) {
  const t = useTexts(chatsTexts)
  if (sources.length === 0) return undefined
  return (
    <section className="flex flex-col gap-1">
      <h2 className="text-sm font-semibold text-muted">{t('source.list')}</h2>
      <ol className="flex flex-wrap gap-2">
        {sources.map(({ number, title }) => (
          <li key={number} className="max-w-full">
            <Button size="small" onPress={() => onOpen(number)}>
              <span className="truncate">
                <bdi>{`[${number}]`}</bdi> <bdi>{title}</bdi>
              </span>
            </Button>
          </li>
        ))}
      </ol>
    </section>
  )
}

function SourceDialog({
  number,
  source,
  onClose,
}: {
  readonly number: number
  readonly source: ChatSource | undefined
  readonly onClose: () => void
}) {
  const t = useTexts(chatsTexts)
  return (
    <Dialog title={t('source.title', { number })} isOpen onClose={onClose}>
      {source === undefined ? (
        <p>{t('source.missing', { number })}</p>
      ) : (
        <div className="flex flex-col gap-3">
          <p className="flex flex-wrap items-center gap-2">
            <Badge>{t(`source.${source.kind}`)}</Badge>
            <bdi className="font-medium wrap-anywhere">{source.title}</bdi>
            {source.place !== undefined && <bdi className="text-muted">{source.place}</bdi>}
          </p>
          <blockquote
            dir="auto"
            className="rounded-field bg-sunken p-3 text-start wrap-anywhere whitespace-pre-wrap"
          >
            {source.passage}
          </blockquote>
          {source.url !== undefined && (
            <p>
              <OutsideLink href={source.url}>{t('source.outside')}</OutsideLink>
            </p>
          )}
        </div>
      )}
    </Dialog>
  )
}

function AnswerBar({ chat, placed }: { readonly chat: Chat; readonly placed: Placed }) {
  const t = useTexts(chatsTexts)
  const formats = useFormats()
  const { message } = placed
  const { model, usage, context } = message
  const regenerate = useRegenerate(chat.id)
  const again = () => regenerate.mutate(message.id)
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <BranchSwitch chat={chat} placed={placed} />
        <CopyButton text={message.text} object={t('message.copy')} />
        {chat.isOwn && (
          <Button
            size="small"
            look="quiet"
            isPending={regenerate.isPending}
            icon={<RotateCcw className="size-4" />}
            onPress={again}
          >
            {t('message.regenerate')}
          </Button>
        )}
        {context !== undefined && <ContextMeter context={context} />}
        {model !== undefined && (
          <span className="text-sm text-muted">{t('message.by', { model })}</span>
        )}
        {usage !== undefined && (
          <span className="text-sm text-muted">
            {t('message.tokens', {
              input: formats.number(usage.inputTokens),
              output: formats.number(usage.outputTokens),
            })}
          </span>
        )}
      </div>
      {regenerate.isError && <ProblemNotice error={regenerate.error} onRetry={again} />}
    </div>
  )
}
