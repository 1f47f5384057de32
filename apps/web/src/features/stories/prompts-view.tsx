import type { StoryPrompt } from '@studioops/contracts/story-prompts'
import { limits } from '@studioops/contracts/limits'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import { DeleteOwn } from './delete-own.tsx'
import { useDeletePrompt, usePrompts, useSavePrompt } from './story-settings.queries.ts'
import { storySettingsTexts } from './story-settings.texts.ts'

type Opened =
  | { readonly kind: 'edit'; readonly prompt: StoryPrompt | undefined }
  | { readonly kind: 'delete'; readonly prompt: StoryPrompt }

/** The prompts to choose from; the own ones can be changed. */
export function PromptsView() {
  const t = useTexts(storySettingsTexts)
  const prompts = usePrompts()
  const [opened, setOpened] = useState<Opened>()
  const close = () => setOpened(undefined)
  if (prompts.isError && prompts.data === undefined)
    return <ProblemNotice error={prompts.error} onRetry={() => void prompts.refetch()} />
  return (
    <div className="flex flex-col gap-6">
      <p className="max-w-prose text-muted">{t('prompt.lead')}</p>
      <div>
        <Button
          look="primary"
          icon={<Plus className="size-4" />}
          onPress={() => setOpened({ kind: 'edit', prompt: undefined })}
        >
          {t('prompt.new')}
        </Button>
      </div>
      {prompts.data === undefined ? (
        <div className="flex flex-col gap-3">
          <LoadingStatus />
          <Skeleton shape="field" count={3} />
        </div>
      ) : (
        <ul
          aria-label={t('prompt.list')}
          className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
        >
          {prompts.data.map((prompt) => (
            <PromptRow key={prompt.ref} prompt={prompt} onOpen={setOpened} />
          ))}
        </ul>
      )}
      {opened?.kind === 'edit' && <PromptDialog prompt={opened.prompt} onClose={close} />}
      {opened?.kind === 'delete' && <DeletePrompt prompt={opened.prompt} onClose={close} />}
    </div>
  )
}

function originOf({ ref }: StoryPrompt): 'default' | 'company' | 'own' {
  if (ref === 'default') return 'default'
  return ref.startsWith('company:') ? 'company' : 'own'
}

function PromptRow({
  prompt,
  onOpen,
}: {
  readonly prompt: StoryPrompt
  readonly onOpen: (opened: Opened) => void
}) {
  const t = useTexts(storySettingsTexts)
  const { title, text } = prompt
  const origin = originOf(prompt)
  return (
    <li className="flex flex-col gap-2 px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-40 font-medium wrap-anywhere">
          <bdi>{title}</bdi>
        </p>
        <Badge tone={origin === 'own' ? 'accent' : 'neutral'}>{t(`prompt.of.${origin}`)}</Badge>
        {origin === 'own' && (
          <span className="flex gap-2">
            <Button
              size="small"
              aria-label={t('prompt.edit', { title })}
              onPress={() => onOpen({ kind: 'edit', prompt })}
            >
              {t('prompt.edit.short')}
            </Button>
            <Button
              size="small"
              look="quiet"
              aria-label={t('prompt.delete', { title })}
              onPress={() => onOpen({ kind: 'delete', prompt })}
            >
              {t('prompt.delete.short')}
            </Button>
          </span>
        )}
      </div>
      {text === '' ? (
        <p className="text-sm text-muted">{t('prompt.default')}</p>
      ) : (
        <details>
          <summary className="min-h-8 cursor-pointer text-sm text-muted max-md:min-h-11">
            {t('prompt.text.show')}
          </summary>
          <p dir="auto" className="text-start text-sm wrap-anywhere whitespace-pre-line">
            {text}
          </p>
        </details>
      )}
    </li>
  )
}

function PromptDialog({
  prompt,
  onClose,
}: {
  readonly prompt: StoryPrompt | undefined
  readonly onClose: () => void
}) {
  const t = useTexts(storySettingsTexts)
  const toast = useToast()
  const save = useSavePrompt()
  const [title, setTitle] = useState(prompt?.title ?? '')
  const [text, setText] = useState(prompt?.text ?? '')
  const [wasTried, setWasTried] = useState(false)
  const lacks = (value: string) => wasTried && value.trim() === ''
  const send = () => {
    setWasTried(true)
    if (title.trim() === '' || text.trim() === '') return
    save.mutate(
      { promptId: prompt?.id, title: title.trim(), text: text.trim() },
      {
        onSuccess: () => {
          toast({ text: t('prompt.saved'), tone: 'good' })
          onClose()
        },
      },
    )
  }
  return (
    <FormDialog
      title={prompt === undefined ? t('prompt.dialog.new') : t('prompt.dialog.change')}
      submit={t('prompt.save')}
      isPending={save.isPending}
      error={save.error}
      onSubmit={send}
      onClose={onClose}
    >
      <TextField
        label={t('prompt.name')}
        value={title}
        onChange={setTitle}
        maxGraphemes={limits.templateNameGraphemes}
        error={lacks(title) ? t('prompt.name.missing') : undefined}
      />
      <TextArea
        label={t('prompt.words')}
        value={text}
        onChange={setText}
        rows={6}
        maxGraphemes={limits.promptTextGraphemes}
        error={lacks(text) ? t('prompt.words.missing') : undefined}
      />
    </FormDialog>
  )
}

function DeletePrompt({
  prompt: { id = '', title },
  onClose,
}: {
  readonly prompt: StoryPrompt
  readonly onClose: () => void
}) {
  const deletion = useDeletePrompt()
  return <DeleteOwn kind="prompt" own={{ id, name: title }} deletion={deletion} onClose={onClose} />
}
