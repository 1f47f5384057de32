import { limits } from '@studioops/contracts/limits'
import type { ReactNode } from 'react'
import { useForm } from 'react-hook-form'
import * as z from 'zod/mini'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { fieldMessage } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { accountsTexts } from './accounts.texts.ts'
import { NewPasswordField } from './new-password-field.tsx'

export type NewPerson = {
  readonly displayName: string
  readonly email: string
  readonly password: string
  readonly language: 'en' | 'he'
}

/** Name, address and password of an account without Jira; the address may be given. */
export function PersonForm({
  email,
  error,
  isPending,
  onSubmit,
}: {
  /** Fixed by an invitation; absent: it is asked for. */
  readonly email?: string
  readonly error: unknown
  readonly isPending: boolean
  readonly onSubmit: (person: NewPerson) => void
}): ReactNode {
  const t = useTexts(accountsTexts)
  const { texts } = useLanguage()
  const form = useForm({
    defaultValues: { displayName: '', email: email ?? '', password: '' },
    mode: 'onTouched',
  })
  const submit = form.handleSubmit((values) =>
    onSubmit({
      ...values,
      displayName: values.displayName.trim(),
      email: values.email.trim(),
      language: texts,
    }),
  )
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      <FormTextField
        control={form.control}
        name="displayName"
        label={t('local.name')}
        autoComplete="name"
        maxGraphemes={limits.displayNameLengthMax}
        validate={(value) => (value.trim() === '' ? 'local.name.missing' : undefined)}
        explain={t}
        serverMessage={fieldMessage(error, '/displayName', texts)}
      />
      {email === undefined ? (
        <FormTextField
          control={form.control}
          name="email"
          kind="email"
          label={t('local.email')}
          description={t('local.email.hint')}
          autoComplete="username"
          validate={(value) =>
            z.safeParse(z.email(), value.trim()).success ? undefined : 'register.email.invalid'
          }
          explain={t}
          serverMessage={fieldMessage(error, '/email', texts)}
        />
      ) : (
        // Password managers file the password below this name.
        <input hidden readOnly autoComplete="username" value={email} />
      )}
      <NewPasswordField
        control={form.control}
        label={t('password.new')}
        serverMessage={fieldMessage(error, '/password', texts)}
      />
      {error !== null && <ProblemNotice error={error} />}
      <Button type="submit" look="primary" isPending={isPending}>
        {t('local.create')}
      </Button>
    </form>
  )
}
