import { limits } from '@studioops/contracts/limits'
import { useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { connectionsTexts } from './connections.texts.ts'

/** A new token: tried alone, or tried and kept. The old one is never shown. */
export function JiraTokenForm({
  isTesting,
  isSaving,
  onTest,
  onSave,
  onCancel,
}: {
  readonly isTesting: boolean
  readonly isSaving: boolean
  readonly onTest: (token: string) => void
  readonly onSave: (token: string) => void
  readonly onCancel: () => void
}) {
  const t = useTexts(connectionsTexts)
  const form = useForm({ defaultValues: { token: '' }, mode: 'onTouched' })
  const save = form.handleSubmit(({ token }) => onSave(token.trim()))
  const test = form.handleSubmit(({ token }) => onTest(token.trim()))
  return (
    <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
      <FormTextField
        control={form.control}
        name="token"
        kind="token"
        label={t('jira.newToken')}
        description={t('jira.newToken.hint')}
        validate={tokenFault}
        explain={t}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={isSaving}>
          {t('jira.newToken.save')}
        </Button>
        <Button isPending={isTesting} onPress={() => void test()}>
          {t('jira.newToken.test')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

function tokenFault(token: string) {
  if (token.trim() === '') return 'jira.newToken.missing' as const
  return token.trim().length > limits.tokenLengthMax ? ('model.key.long' as const) : undefined
}
