import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
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
        <p className="text-muted">
          {t('signIn.noAccount')}{' '}
          <Link to="/register" className="link">
            {t('signIn.register')}
          </Link>
        </p>
      </div>
    </Page>
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
  if (reason === 'signed-out') return <Notice role="status">{t('signIn.signedOut')}</Notice>
  if (reason === 'idle' && installation !== undefined)
    return <Notice role="status">{t('signIn.idle', { count: installation.sessionMinutes })}</Notice>
  return undefined
}

function SignInForm({ username }: { readonly username: string }) {
  const t = useTexts(accountsTexts)
  const signIn = useSignIn()
  const form = useForm({ defaultValues: { username, password: '' }, mode: 'onTouched' })
  const submit = form.handleSubmit((values) => signIn.mutate(values))
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      {signIn.isError && <ProblemNotice error={signIn.error} />}
      <FormTextField
        control={form.control}
        name="username"
        label={t('signIn.username')}
        description={t('signIn.username.hint')}
        autoComplete="username"
        validate={(value) => (value.trim() === '' ? 'signIn.username.missing' : undefined)}
        explain={t}
      />
      <FormTextField
        control={form.control}
        name="password"
        kind="password"
        label={t('signIn.password')}
        autoComplete="current-password"
        validate={(value) => (value === '' ? 'signIn.password.missing' : undefined)}
        explain={t}
      />
      <Button type="submit" look="primary" isWide isPending={signIn.isPending}>
        {t('signIn.submit')}
      </Button>
    </form>
  )
}
