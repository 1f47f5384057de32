import { Link, useNavigate } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import * as z from 'zod/mini'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { fieldMessage, problemOf } from '../../lib/problem.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useRegister } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { IdentityCard } from './identity-card.tsx'
import type { CheckedToken } from './jira-step.tsx'
import { NewPasswordField } from './new-password-field.tsx'

type Values = { email: string; password: string }

/** Who Jira says one is, and the password that makes the account. */
export function IdentityStep({
  checked,
  onBack,
}: {
  readonly checked: CheckedToken
  readonly onBack: () => void
}) {
  const t = useTexts(accountsTexts)
  const { identity, alreadyRegistered } = checked
  return (
    <>
      <Card as="section" labelledBy="identity">
        <IdentityCard identity={identity} />
        <div className="mt-4">
          <Button size="small" onPress={onBack}>
            {t('identity.other')}
          </Button>
        </div>
      </Card>
      {alreadyRegistered ? (
        <Notice
          tone="warn"
          role="alert"
          title={t('identity.known')}
          actions={
            <Link
              to="/sign-in"
              search={{ as: identity.employeeId }}
              className={buttonClass({ look: 'primary' })}
            >
              {t('register.signIn')}
            </Link>
          }
        >
          {t('identity.known.text')}
        </Notice>
      ) : (
        <Card>
          <PasswordForm checked={checked} onBack={onBack} />
        </Card>
      )}
    </>
  )
}

function PasswordForm({
  checked: { identity, ticket },
  onBack,
}: {
  readonly checked: CheckedToken
  readonly onBack: () => void
}) {
  const t = useTexts(accountsTexts)
  const { texts } = useLanguage()
  const navigate = useNavigate()
  const register = useRegister()
  const form = useForm<Values>({
    defaultValues: { email: '', password: '' },
    mode: 'onTouched',
  })
  const submit = form.handleSubmit(({ email, password }) =>
    register.mutate(
      {
        ticket,
        password,
        language: texts,
        ...(identity.email === undefined ? { email: email.trim() } : {}),
      },
      {
        onSuccess: ({ employeeId }) =>
          void navigate({ to: '/sign-in', search: { as: employeeId, reason: 'registered' } }),
      },
    ),
  )
  const isExpired = problemOf(register.error)?.code === 'registration.expired'
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      {/* Password managers file the password below this name. */}
      <input hidden readOnly autoComplete="username" value={identity.employeeId} />
      {identity.email === undefined && (
        <FormTextField
          control={form.control}
          name="email"
          kind="email"
          label={t('identity.emailNeeded')}
          description={t('identity.emailNeeded.hint')}
          autoComplete="email"
          validate={(value) =>
            z.safeParse(z.email(), value.trim()).success ? undefined : 'register.email.invalid'
          }
          explain={t}
          serverMessage={fieldMessage(register.error, '/email', texts)}
        />
      )}
      <NewPasswordField
        control={form.control}
        label={t('password.new')}
        serverMessage={fieldMessage(register.error, '/password', texts)}
      />
      {register.isError && (
        <ProblemNotice
          error={register.error}
          actions={
            isExpired && (
              <Button size="small" onPress={onBack}>
                {t('register.again')}
              </Button>
            )
          }
        />
      )}
      <Button type="submit" look="primary" isPending={register.isPending}>
        {t('register.create')}
      </Button>
    </form>
  )
}
