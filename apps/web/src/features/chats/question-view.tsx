import type { Chat } from '@studioops/contracts/chats'
import { PenLine } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { BranchSwitch } from './branch-switch.tsx'
import type { useAsk } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import type { Placed } from './use-thread.ts'

/** A question of the person; asked otherwise it becomes a branch of its own. */
export function QuestionView({
  chat,
  placed,
  ask,
}: {
  readonly chat: Chat
  readonly placed: Placed
  readonly ask: ReturnType<typeof useAsk>
}) {
  const t = useTexts(chatsTexts)
  const { message } = placed
  const [isEditing, setIsEditing] = useState(false)
  const [text, setText] = useState(message.text)
  const { parentId } = message
  const submit = () => {
    if (text.trim() === '') return
    const body = { text, ...(parentId === undefined ? {} : { parentId }) }
    ask.mutate(body, { onSuccess: () => setIsEditing(false) })
  }
  return (
    <article aria-label={t('message.you')} className="flex flex-col items-end gap-1.5">
      {isEditing ? (
        <div className="flex w-full flex-col gap-2">
          <TextArea label={t('message.edit')} value={text} onChange={setText} rows={3} />
          <div className="flex flex-wrap gap-2">
            <Button look="primary" size="small" isPending={ask.isPending} onPress={submit}>
              {t('edit.submit')}
            </Button>
            <Button size="small" onPress={() => setIsEditing(false)}>
              {t('edit.cancel')}
            </Button>
          </div>
          {ask.isError && <ProblemNotice error={ask.error} />}
        </div>
      ) : (
        <div className="max-w-[85%] rounded-card border border-accent-line bg-accent-soft px-4 py-2.5">
          <p dir="auto" className="text-start wrap-anywhere whitespace-pre-wrap">
            {message.text}
          </p>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-1">
        <BranchSwitch chat={chat} placed={placed} />
        <CopyButton text={message.text} object={t('message.copyQuestion')} />
        {chat.isOwn && !isEditing && (
          <Button
            size="small"
            look="quiet"
            icon={<PenLine className="size-4" />}
            onPress={() => setIsEditing(true)}
          >
            {t('message.edit')}
          </Button>
        )}
      </div>
    </article>
  )
}
