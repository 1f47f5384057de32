import type { Chat, ChatCall } from '@studioops/contracts/chats'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { CodeArea } from '../../ui/code-area.tsx'
import { Notice } from '../../ui/notice.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useDecide } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'

/** A write that a model proposes: shown exactly, and sent only by a click on this card (D-25). */
export function WriteCard({ chat, call }: { readonly chat: Chat; readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  const headingId = useId()
  const isWaiting = call.state === 'waiting'
  return (
    <Card as="section" labelledBy={headingId}>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id={headingId} className="font-semibold">
            {t('write.title')}
          </h2>
          <CallBadge call={call} />
        </div>
        <p className="wrap-anywhere">
          {t('write.at', { tool: call.title, server: call.serverName })}
        </p>
        {isWaiting && call.isTainted && <Notice tone="warn">{t('write.tainted')}</Notice>}
        <Payload call={call} />
        {isWaiting && chat.isOwn && <Decisions chat={chat} call={call} />}
        <Outcome call={call} />
      </div>
    </Card>
  )
}

const operationWords = {
  planned: 'write.planned',
  attempting: 'write.planned',
  done: 'write.doneState',
  refused: 'write.refusedState',
  cancelled: 'write.refusedState',
  unknown: 'write.unknownState',
  'needs-user': 'write.needsUser',
  partial: 'write.needsUser',
} as const

function CallBadge({ call }: { readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  const { operation, state } = call
  if (operation !== undefined)
    return (
      <Badge tone={operation.state === 'done' ? 'good' : 'accent'}>
        {t(operationWords[operation.state])}
      </Badge>
    )
  return <Badge tone={state === 'waiting' ? 'warn' : 'neutral'}>{t(`call.${state}`)}</Badge>
}

/** Every argument by its name, as it will be sent. */
function Payload({ call }: { readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-medium text-muted">{t('write.payload')}</h3>
      <dl className="flex flex-col gap-2 rounded-field bg-sunken p-3">
        <dt dir="ltr" className="text-start font-mono text-sm text-muted">
          {call.tool}
        </dt>
        {Object.entries(call.arguments).map(([name, value]) => (
          <div key={name} className="flex flex-col">
            <dt className="text-sm text-muted">
              <bdi>{name}</bdi>
            </dt>
            <dd dir="auto" className="text-start wrap-anywhere whitespace-pre-wrap">
              {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Decisions({ chat, call }: { readonly chat: Chat; readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  const decide = useDecide(chat.id)
  const [reason, setReason] = useState('')
  const [isEditing, setIsEditing] = useState(false)
  const { id: callId, payloadHash } = call
  if (isEditing) return <EditForm chat={chat} call={call} onClose={() => setIsEditing(false)} />
  return (
    <div className="flex flex-col gap-3">
      {payloadHash === undefined && <Notice tone="warn">{t('write.gone')}</Notice>}
      <TextField label={t('write.reason')} value={reason} onChange={setReason} autoComplete="off" />
      <div className="flex flex-wrap gap-2">
        {payloadHash !== undefined && (
          <Button
            look="primary"
            isPending={decide.isPending}
            onPress={() => decide.mutate({ kind: 'approve', callId, payloadHash })}
          >
            {t('write.approve')}
          </Button>
        )}
        <Button onPress={() => setIsEditing(true)}>{t('write.edit')}</Button>
        <Button
          isPending={decide.isPending}
          onPress={() => decide.mutate({ kind: 'reject', callId, reason })}
        >
          {t('write.reject')}
        </Button>
      </div>
      {decide.isError && <ProblemNotice error={decide.error} />}
    </div>
  )
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}

function EditForm({
  chat,
  call,
  onClose,
}: {
  readonly chat: Chat
  readonly call: ChatCall
  readonly onClose: () => void
}) {
  const t = useTexts(chatsTexts)
  const decide = useDecide(chat.id)
  const [text, setText] = useState(() => JSON.stringify(call.arguments, null, 2))
  const args = readObject(text)
  const save = () => {
    if (args === undefined) return
    decide.mutate({ kind: 'edit', callId: call.id, args }, { onSuccess: onClose })
  }
  return (
    <div className="flex flex-col gap-3">
      <CodeArea
        label={t('write.editLabel')}
        value={text}
        onChange={setText}
        isInvalid={args === undefined}
      />
      {args === undefined && <p className="text-sm text-bad-ink">{t('write.editBad')}</p>}
      <div className="flex flex-wrap gap-2">
        <Button isPending={decide.isPending} onPress={save}>
          {t('write.editSave')}
        </Button>
        <Button onPress={onClose}>{t('cancel')}</Button>
      </div>
      {decide.isError && <ProblemNotice error={decide.error} />}
    </div>
  )
}

function Outcome({ call }: { readonly call: ChatCall }) {
  const t = useTexts(chatsTexts)
  const { state, reason = '', operation } = call
  if (state === 'rejected')
    return <p>{reason === '' ? t('write.rejected') : t('write.rejectedWhy', { reason })}</p>
  if (operation === undefined) return undefined
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {operation.problem !== undefined && <p>{operation.problem.title}</p>}
      {operation.url !== undefined && operation.url !== '' && (
        <OutsideLink href={operation.url}>{operation.key ?? t('source.outside')}</OutsideLink>
      )}
      <Link to="/outbox" className="link">
        {t('write.outbox')}
      </Link>
    </div>
  )
}
