import type { Chat } from '@studioops/contracts/chats'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { useUpdateChat } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import type { Placed } from './use-thread.ts'

/** Goes through the versions of a message: "2 of 3". */
export function BranchSwitch({ chat, placed }: { readonly chat: Chat; readonly placed: Placed }) {
  const t = useTexts(chatsTexts)
  const update = useUpdateChat(chat.id)
  const { message, versions } = placed
  const index = versions.findIndex(({ id }) => id === message.id)
  if (versions.length < 2 || !chat.isOwn) return undefined
  const [before, after] = [versions[index - 1], versions[index + 1]]
  return (
    <span role="group" aria-label={t('message.branches')} className="flex items-center">
      <IconButton
        size="small-icon"
        label={t('message.before')}
        icon={<ChevronLeft className="flip size-4" />}
        isDisabled={before === undefined}
        onPress={() => before !== undefined && update.mutate({ headId: before.id })}
      />
      <span className="text-sm text-muted">
        <bdi>{t('message.branch', { number: index + 1, count: versions.length })}</bdi>
      </span>
      <IconButton
        size="small-icon"
        label={t('message.after')}
        icon={<ChevronRight className="flip size-4" />}
        isDisabled={after === undefined}
        onPress={() => after !== undefined && update.mutate({ headId: after.id })}
      />
    </span>
  )
}
