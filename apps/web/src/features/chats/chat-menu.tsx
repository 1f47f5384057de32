import type { ChatSummary } from '@studioops/contracts/chats'
import { EllipsisVertical } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../ui/menu.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useDeleteChat, useExportChat, useRestoreChat, useUpdateChat } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'

/** What a person can do with a chat of their own. */
export function ChatMenu({
  chat,
  label,
  onDeleted,
}: {
  readonly chat: ChatSummary
  readonly label: string
  readonly onDeleted?: () => void
}) {
  const t = useTexts(chatsTexts)
  const [open, setOpen] = useState<'rename' | 'share'>()
  const update = useUpdateChat(chat.id)
  const exporting = useExportChat(chat.id)
  const remove = useRemoveWithUndo(onDeleted)
  const { isPinned, isArchived, isShared, projectId } = chat
  const save = (format: 'markdown' | 'json') => exporting.mutate(format, { onSuccess: download })
  return (
    <>
      <Menu
        label={label}
        trigger={
          <IconButton
            size="small-icon"
            label={label}
            icon={<EllipsisVertical className="size-4" />}
          />
        }
      >
        <MenuItem onAction={() => setOpen('rename')}>{t('menu.rename')}</MenuItem>
        <MenuItem onAction={() => update.mutate({ isPinned: !isPinned })}>
          {t(isPinned ? 'menu.unpin' : 'menu.pin')}
        </MenuItem>
        <MenuItem onAction={() => update.mutate({ isArchived: !isArchived })}>
          {t(isArchived ? 'menu.unarchive' : 'menu.archive')}
        </MenuItem>
        {projectId !== undefined && (
          <MenuItem
            onAction={() => (isShared ? update.mutate({ isShared: false }) : setOpen('share'))}
          >
            {t(isShared ? 'menu.unshare' : 'menu.share')}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem onAction={() => save('markdown')}>{t('menu.markdown')}</MenuItem>
        <MenuItem onAction={() => save('json')}>{t('menu.json')}</MenuItem>
        <MenuSeparator />
        <MenuItem isDanger onAction={() => remove(chat.id)}>
          {t('menu.delete')}
        </MenuItem>
      </Menu>
      {open === 'rename' && <RenameDialog chat={chat} onClose={() => setOpen(undefined)} />}
      <ConfirmDialog
        title={t('share.title')}
        confirmLabel={t('share.confirm')}
        isDanger={false}
        isOpen={open === 'share'}
        isPending={update.isPending}
        onConfirm={() => update.mutate({ isShared: true }, { onSuccess: () => setOpen(undefined) })}
        onClose={() => setOpen(undefined)}
      >
        <p>{t('share.text')}</p>
        {update.isError && <ProblemNotice error={update.error} />}
      </ConfirmDialog>
    </>
  )
}

function useRemoveWithUndo(onDeleted: () => void = () => {}) {
  const t = useTexts(chatsTexts)
  const toast = useToast()
  const deletion = useDeleteChat()
  const restoring = useRestoreChat()
  return (chatId: string) =>
    deletion.mutate(chatId, {
      onSuccess: () => {
        onDeleted()
        const onPress = () => restoring.mutate(chatId)
        toast({ text: t('delete.done'), action: { label: t('delete.undo'), onPress } })
      },
    })
}

function RenameDialog({
  chat,
  onClose,
}: {
  readonly chat: ChatSummary
  readonly onClose: () => void
}) {
  const t = useTexts(chatsTexts)
  const update = useUpdateChat(chat.id)
  const [title, setTitle] = useState(chat.title)
  const [wasTried, setWasTried] = useState(false)
  const isMissing = title.trim() === ''
  const submit = () => {
    setWasTried(true)
    if (!isMissing) update.mutate({ title: title.trim() }, { onSuccess: onClose })
  }
  return (
    <Dialog
      title={t('rename.title')}
      width="narrow"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isPending={update.isPending} onPress={submit}>
            {t('rename.submit')}
          </Button>
          <Button onPress={onClose}>{t('cancel')}</Button>
        </>
      }
    >
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <TextField
          label={t('rename.label')}
          value={title}
          onChange={setTitle}
          autoComplete="off"
          error={wasTried && isMissing ? t('rename.missing') : undefined}
        />
        {update.isError && <ProblemNotice error={update.error} />}
      </form>
    </Dialog>
  )
}

function download({
  fileName,
  mediaType,
  text,
}: {
  readonly fileName: string
  readonly mediaType: string
  readonly text: string
}): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${mediaType};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}
