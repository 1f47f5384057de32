import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import { type Control, useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { problemOf } from '../../lib/problem.ts'
import { safePath } from '../../lib/safe-path.ts'
import { useSession } from '../../lib/session.queries.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useSignIn } from './accounts.queries.ts'
import type { SignInSearch } from './accounts.routes.tsx'
import { accountsTexts } from './accounts.texts.ts'

const route = getRouteApi('/public/sign-in')

export function SignInPage() {
  const search = route.useSearch()
  return <SignIn {...search} />
}

/** Signs in and goes to the page that was asked for; who is signed in already goes there at once. */
export function SignIn({ next, as, reason }: SignInSearch) {
  const t = useTexts(accountsTexts)
  const { data } = useSession()
  if (data?.session !== undefined)
    return <Navigate to="/dashboard" href={safePath(next) ?? '/dashboard'} replace />
  return (
    <Page title={t('signIn.title')} width="narrow">
      <div className="flex flex-col gap-5">
        <Reason reason={reason} />
        <Card>
          <SignInForm username={as ?? ''} />
        </Card>
        <OtherWays />
      </div>
    </Page>
  )
}

/** To an account for who has none, and back to one whose password is forgotten. */
function OtherWays() {
  const t = useTexts(accountsTexts)
  const { data: installation } = useInstallation()
  const ways = installation?.registrationWays ?? []
  return (
    <div className="flex flex-col gap-2 text-muted">
      {ways.includes('jira_pat') && (
        <p>
          {t('signIn.noAccount')}{' '}
          <Link to="/register" className="link">
            {t('signIn.register')}
          </Link>
        </p>
      )}
      {ways.includes('local') && (
        <p>
          {!ways.includes('jira_pat') && <>{t('signIn.noAccount')} </>}
          <Link to="/register/local" className="link">
            {t('signIn.local')}
          </Link>
        </p>
      )}
      <p>
        <Link to="/reset" className="link">
          {t('signIn.forgot')}
        </Link>
      </p>
    </div>
  )
}

function Reason({ reason }: Pick<SignInSearch, 'reason'>) {
  const t = useTexts(accountsTexts)
  const { data: installation } = useInstallation()
  if (reason === 'registered')
    return (
      <Notice tone="good" role="status">
        {t('signIn.registered')}
      </Notice>
    )
  if (reason === 'reset')
    return (
      <Notice tone="good" role="status">
        {t('signIn.reset')}
      </Notice>
    )
  if (reason === 'signed-out') return <Notice role="status">{t('signIn.signedOut')}</Notice>
  if (reason === 'idle' && installation !== undefined)
    return <Notice role="status">{t('signIn.idle', { count: installation.sessionMinutes })}</Notice>
  return undefined
}

function SignInForm({ username }: { readonly username: string }) {
  const t = useTexts(accountsTexts)
  const signIn = useSignIn()
  const [asksForCode, setAsksForCode] = useState(false)
  const form = useForm({ defaultValues: { username, password: '', code: '' }, mode: 'onTouched' })
  const submit = form.handleSubmit(({ code, ...values }) =>
    signIn.mutate(
      { ...values, ...(asksForCode ? { code: code.trim() } : {}) },
      {
        onError: (error) => {
          if (problemOf(error)?.code === 'login.code-needed') setAsksForCode(true)
        },
      },
    ),
  )
  const isRefused = signIn.isError && problemOf(signIn.error)?.code !== 'login.code-needed'
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      {isRefused && <ProblemNotice error={signIn.error} />}
      {asksForCode ? (
        <FormTextField
          control={form.control}
          name="code"
          kind="code"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the second step has this one field
          autoFocus
          label={t('signIn.code')}
          description={t('signIn.code.hint')}
          autoComplete="one-time-code"
          validate={(value) => (value.trim() === '' ? 'signIn.code.missing' : undefined)}
          explain={t}
        />
      ) : (
        <NameAndPassword control={form.control} />
      )}
      <Button type="submit" look="primary" isWide isPending={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
      {asksForCode && (
        <Button
          look="quiet"
          onPress={() => {
            signIn.reset()
            form.setValue('code', '')
            setAsksForCode(false)
          }}
        >
          {t('signIn.code.back')}
        </Button>
      )}
    </form>
  )
}

type Values = { username: string; password: string; code: string }

function NameAndPassword({ control }: { readonly control: Control<Values> }) {
  const t = useTexts(accountsTexts)
  return (
    <>
      <FormTextField
        control={control}
        name="username"
        label={t('signIn.username')}
        description={t('signIn.username.hint')}
        autoComplete="username"
        validate={(value) => (value.trim() === '' ? 'signIn.username.missing' : undefined)}
        explain={t}
      />
      <FormTextField
        control={control}
        name="password"
        kind="password"
        label={t('signIn.password')}
        autoComplete="current-password"
        validate={(value) => (value === '' ? 'signIn.password.missing' : undefined)}
        explain={t}
      />
    </>
  )
}
