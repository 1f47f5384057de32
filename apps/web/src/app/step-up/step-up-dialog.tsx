import { useId } from 'react'
import { useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemOf } from '../../lib/problem.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { uiTexts } from '../../ui/ui.texts.ts'
import { appTexts } from '../app.texts.ts'
import { useGivePassword } from './step-up.queries.ts'

/** Asks for the password, and for a code where the person has a second factor. */
export function StepUpDialog({ onAnswer }: { readonly onAnswer: (isGiven: boolean) => void }) {
  const t = useTexts(appTexts)
  const ui = useTexts(uiTexts)
  const account = useAccount()
  const give = useGivePassword()
  const formId = useId()
  const form = useForm({ defaultValues: { password: '', code: '' }, mode: 'onTouched' })
  const submit = form.handleSubmit(({ password, code }) =>
    give.mutate(
      { password, ...(code.trim() === '' ? {} : { code: code.trim() }) },
      {
        onSuccess: () => onAnswer(true),
        onError: () => form.setFocus('password'),
      },
    ),
  )
  const isWrong = problemOf(give.error)?.code === 'login.failed'
  return (
    <Dialog
      isOpen
      width="narrow"
      title={t('stepUp.title')}
      onClose={() => onAnswer(false)}
      actions={
        <>
          <Button type="submit" form={formId} look="primary" isPending={give.isPending}>
            {t('stepUp.confirm')}
          </Button>
          <Button onPress={() => onAnswer(false)}>{ui('cancel')}</Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        onSubmit={(event) => void submit(event)}
        className="flex flex-col gap-5"
      >
        <p className="text-muted">{t('stepUp.text')}</p>
        {/* Password managers find the right entry by this name. */}
        <input hidden readOnly autoComplete="username" value={account?.employeeId ?? ''} />
        <FormTextField
          control={form.control}
          name="password"
          kind="password"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be typed into
          autoFocus
          label={t('stepUp.password')}
          autoComplete="current-password"
          validate={(value) => (value === '' ? 'stepUp.password.missing' : undefined)}
          explain={t}
          serverMessage={isWrong ? t('stepUp.password.wrong') : undefined}
        />
        {account?.hasSecondFactor === true && (
          <FormTextField
            control={form.control}
            name="code"
            kind="code"
            label={t('stepUp.code')}
            description={t('stepUp.code.hint')}
            autoComplete="one-time-code"
            validate={(value) => (value.trim() === '' ? 'stepUp.code.missing' : undefined)}
            explain={t}
          />
        )}
        {give.isError && !isWrong && <ProblemNotice error={give.error} />}
      </form>
    </Dialog>
  )
}
