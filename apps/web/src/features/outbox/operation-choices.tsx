import type { Operation } from '@studioops/contracts/operations'
import { Link2, PlusCircle, Search } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import type { Deed } from './outbox.queries.ts'
import { useOperationWords } from './operation-words.ts'
import { outboxTexts } from './outbox.texts.ts'

/** Three ways out of a write of which nobody can tell whether it happened. */
export function OperationChoices({
  operation,
  deed,
}: {
  readonly operation: Operation
  readonly deed: Deed
}) {
  const t = useTexts(outboxTexts)
  const words = useOperationWords(operation)
  const isRunning = (type: string) => deed.isPending && deed.variables.type === type
  return (
    <div className="flex flex-col gap-3">
      <p>{t('needs-user.text', words)}</p>
      <p>
        <Code>{operation.marker}</Code>
      </p>
      <ul className="flex flex-col gap-3">
        <Choice title={t('choice.check')} text={t('choice.check.text', words)}>
          <Button
            isPending={isRunning('check')}
            icon={<Search className="size-4" />}
            onPress={() => deed.mutate({ type: 'check' })}
          >
            {t('choice.check')}
          </Button>
        </Choice>
        <Choice title={t('choice.link')} text={t('choice.link.text')}>
          <LinkForm
            thing={words.thing}
            isPending={isRunning('link')}
            onSend={(key) => deed.mutate({ type: 'link', key })}
          />
        </Choice>
        <Choice title={t('choice.anyway')} text={t('choice.anyway.text', words)}>
          <AnywayButton
            system={words.system}
            isPending={isRunning('create-anyway')}
            onConfirm={() => deed.mutate({ type: 'create-anyway' })}
          />
        </Choice>
      </ul>
    </div>
  )
}

function Choice({
  title,
  text,
  children,
}: {
  readonly title: string
  readonly text: string
  readonly children: ReactNode
}) {
  return (
    <li className="rounded-field border border-line px-4 py-3">
      <p className="font-medium">{title}</p>
      <p className="mb-2 text-sm text-muted">{text}</p>
      {children}
    </li>
  )
}

function LinkForm({
  thing,
  isPending,
  onSend,
}: {
  readonly thing: string
  readonly isPending: boolean
  readonly onSend: (key: string) => void
}) {
  const t = useTexts(outboxTexts)
  const [text, setText] = useState('')
  const [isFaulty, setIsFaulty] = useState(false)
  const key = text.trim()
  const isEmpty = key === ''
  return (
    <form
      noValidate
      className="flex flex-col items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        setIsFaulty(isEmpty)
        if (!isEmpty && !isPending) onSend(key)
      }}
    >
      <TextField
        kind="url"
        label={t('choice.link.key', { thing })}
        value={text}
        onChange={setText}
        autoComplete="off"
        error={isFaulty && isEmpty ? t('choice.link.bad') : undefined}
      />
      <Button type="submit" isPending={isPending} icon={<Link2 className="size-4" />}>
        {t('choice.link.send', { thing })}
      </Button>
    </form>
  )
}

function AnywayButton({
  system,
  isPending,
  onConfirm,
}: {
  readonly system: string
  readonly isPending: boolean
  readonly onConfirm: () => void
}) {
  const t = useTexts(outboxTexts)
  const [isAsking, setIsAsking] = useState(false)
  return (
    <>
      <Button
        isPending={isPending}
        icon={<PlusCircle className="size-4" />}
        onPress={() => setIsAsking(true)}
      >
        {t('choice.anyway')}
      </Button>
      <ConfirmDialog
        title={t('anyway.title')}
        confirmLabel={t('anyway.confirm')}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false)
          onConfirm()
        }}
      >
        <p>{t('anyway.text', { system })}</p>
      </ConfirmDialog>
    </>
  )
}
