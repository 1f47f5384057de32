import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { fieldMessage, problemOf } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useResetPassword } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { IdentityCard } from './identity-card.tsx'
import { type CheckedToken, JiraStep } from './jira-step.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** A forgotten password: by the link of an administrator, or by a fresh token of Jira. */
export function ResetPage() {
  const token = useLocation({ select: ({ hash }) => hash })
  return <Reset key={token} token={token} />
}

export function Reset({ token }: { readonly token: string }) {
  const t = useTexts(accountsTexts)
  const { data: installation } = useInstallation()
  const [checked, setChecked] = useState<CheckedToken>()
  const isProved = token !== '' || checked !== undefined
  return (
    <Page title={t('reset.title')} lead={t('reset.lead')} width="narrow">
      <div className="flex flex-col gap-5">
        {!isProved && (
          <>
            <section aria-labelledby="reset-choose">
              <h2 id="reset-choose" className="font-semibold">
                {t('reset.choose')}
              </h2>
              <p className="text-muted">{t('reset.choose.text')}</p>
            </section>
            {installation !== undefined && (
              <JiraStep installation={installation} onChecked={setChecked} />
            )}
          </>
        )}
        {checked !== undefined && (
          <Card as="section" labelledBy="identity">
            <IdentityCard identity={checked.identity} />
          </Card>
        )}
        {isProved && (
          <Card>
            <PasswordForm proof={checked === undefined ? { token } : { ticket: checked.ticket }} />
          </Card>
        )}
      </div>
    </Page>
  )
}

function PasswordForm({
  proof,
}: {
  readonly proof: { readonly token: string } | { readonly ticket: string }
}) {
  const t = useTexts(accountsTexts)
  const { texts } = useLanguage()
  const navigate = useNavigate()
  const reset = useResetPassword(proof)
  const [asksForCode, setAsksForCode] = useState(false)
  const form = useForm({ defaultValues: { password: '', code: '' }, mode: 'onTouched' })
  const submit = form.handleSubmit(({ password, code }) =>
    reset.mutate(
      { password, ...(code.trim() === '' ? {} : { code: code.trim() }) },
      {
        onSuccess: ({ employeeId }) =>
          void navigate({ to: '/sign-in', search: { as: employeeId, reason: 'reset' } }),
        onError: (error) => {
          if (problemOf(error)?.code === 'login.code-needed') setAsksForCode(true)
        },
      },
    ),
  )
  const isAsking = problemOf(reset.error)?.code === 'login.code-needed'
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      <NewPasswordField
        control={form.control}
        label={t('password.new')}
        serverMessage={fieldMessage(reset.error, '/password', texts)}
      />
      {asksForCode && (
        <FormTextField
          control={form.control}
          name="code"
          kind="code"
          label={t('signIn.code')}
          description={t('signIn.code.hint')}
          autoComplete="one-time-code"
          validate={(value) => (value.trim() === '' ? 'signIn.code.missing' : undefined)}
          explain={t}
        />
      )}
      {reset.isError && <ProblemNotice error={reset.error} tone={isAsking ? 'warn' : 'bad'} />}
      <Button type="submit" look="primary" isPending={reset.isPending}>
        {t('reset.set')}
      </Button>
    </form>
  )
}
