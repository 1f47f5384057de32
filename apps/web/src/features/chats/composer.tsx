import type { Chat } from '@studioops/contracts/chats'
import { fitsGraphemes, limits } from '@studioops/contracts/limits'
import { Send } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAutosave } from '../../lib/use-autosave.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { type useAsk, useSaveDraft, useUpdateChat } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'

/** Where a question is typed. What was typed and not sent is kept, on every device. */
export function Composer({
  chat,
  ask,
  isBusy,
  parentId,
}: {
  readonly chat: Chat
  readonly ask: ReturnType<typeof useAsk>
  readonly isBusy: boolean
  /** The answer it goes on from. */
  readonly parentId: string | undefined
}) {
  const t = useTexts(chatsTexts)
  const update = useUpdateChat(chat.id)
  const draft = useKeptDraft(chat)
  const { text, change } = draft
  const isTooLong = !fitsGraphemes(text, limits.chatMessageGraphemes)
  const mayAsk = text.trim() !== '' && !isBusy && !isTooLong
  const send = () => {
    if (!mayAsk) return
    const body = { text, ...(parentId === undefined ? {} : { parentId }) }
    ask.mutate(body, { onSuccess: draft.clear })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    if (!(event.target instanceof HTMLTextAreaElement)) return
    event.preventDefault()
    send()
  }
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {draft.isRestored && (
        <p className="flex flex-wrap items-center gap-3 text-sm text-muted">
          {t('composer.restored')}
          <Button size="small" look="quiet" onPress={() => change('')}>
            {t('composer.discard')}
          </Button>
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- The keys are those of the field inside. */}
      <div onKeyDown={onKeyDown}>
        <TextArea
          label={t('composer.label')}
          placeholder={t('composer.placeholder')}
          description={t('composer.hint')}
          value={text}
          onChange={change}
          rows={2}
          maxGraphemes={limits.chatMessageGraphemes}
          error={
            isTooLong ? t('composer.tooLong', { max: limits.chatMessageGraphemes }) : undefined
          }
        />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Switch isSelected={chat.usesTools} onChange={(usesTools) => update.mutate({ usesTools })}>
          {t('composer.tools')}
        </Switch>
        <Button
          type="submit"
          look="primary"
          isPending={ask.isPending}
          isDisabled={isBusy}
          icon={<Send className="flip size-4" />}
        >
          {t('composer.send')}
        </Button>
      </div>
      {ask.isError && <ProblemNotice error={ask.error} onRetry={send} />}
    </form>
  )
}

function useKeptDraft(chat: Chat) {
  const save = useSaveDraft(chat.id)
  const [text, setText] = useState(chat.draft)
  const [isRestored, setIsRestored] = useState(chat.draft !== '')
  const autosave = useAutosave<{ draft: string }>(save)
  return {
    text,
    isRestored,
    change(next: string) {
      setText(next)
      setIsRestored(false)
      autosave.change({ draft: next })
    },
    /** It was sent, and the server has emptied it. What waits to be kept is kept empty. */
    clear() {
      setText('')
      setIsRestored(false)
      if (autosave.state().kind !== 'saved') autosave.change({ draft: '' })
    },
  }
}
