import type { checkJiraToken } from '@studioops/contracts/accounts'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import type { Installation } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import { useForm, useWatch } from 'react-hook-form'
import * as z from 'zod/mini'
import { fieldMessage } from '../../lib/problem.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useCheckJiraToken } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { DemoPeople } from './demo-people.tsx'
import { isCloudAddress, jiraAddress } from './jira-address.ts'
import { JiraAddressField } from './jira-address-field.tsx'

export type CheckedToken = ReplyOf<typeof checkJiraToken>
export type JiraValues = { jiraUrl: string; token: string; cloudEmail: string }

const isEmail = (value: string) => z.safeParse(z.email(), value.trim()).success

/** Address and token, and the question to Jira whose token it is. Nothing is stored. */
export function JiraStep({
  installation,
  onChecked,
}: {
  readonly installation: Installation
  readonly onChecked: (checked: CheckedToken) => void
}) {
  const t = useTexts(accountsTexts)
  const { texts } = useLanguage()
  const check = useCheckJiraToken()
  const addresses = addressesOf(installation)
  const form = useForm<JiraValues>({
    defaultValues: {
      jiraUrl: addresses.length === 1 ? (addresses[0] ?? '') : '',
      token: '',
      cloudEmail: '',
    },
    mode: 'onTouched',
  })
  const jiraUrl = useWatch({ control: form.control, name: 'jiraUrl' })
  const isCloud = isCloudAddress(jiraAddress(jiraUrl) ?? '')
  const submit = form.handleSubmit((values) =>
    check.mutate(
      {
        jiraUrl: jiraAddress(values.jiraUrl) ?? values.jiraUrl,
        token: values.token.trim(),
        ...(isCloud ? { cloudEmail: values.cloudEmail.trim() } : {}),
      },
      { onSuccess: onChecked },
    ),
  )
  return (
    <>
      {installation.demo !== undefined && (
        <DemoPeople
          people={installation.demo.people}
          control={form.control}
          onPick={(token) => {
            check.reset()
            form.setValue('token', token, { shouldValidate: true })
          }}
        />
      )}
      <Card>
        <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
          <JiraAddressField
            control={form.control}
            addresses={addresses}
            serverMessage={fieldMessage(check.error, '/jiraUrl', texts)}
          />
          {isCloud && (
            <FormTextField
              control={form.control}
              name="cloudEmail"
              kind="email"
              label={t('register.cloudEmail')}
              autoComplete="email"
              validate={(value) => (isEmail(value) ? undefined : 'register.email.invalid')}
              explain={t}
              serverMessage={fieldMessage(check.error, '/cloudEmail', texts)}
            />
          )}
          <FormTextField
            control={form.control}
            name="token"
            kind="token"
            label={isCloud ? t('register.token.cloud') : t('register.token')}
            description={t('register.token.hint')}
            validate={tokenFault}
            explain={t}
            serverMessage={fieldMessage(check.error, '/token', texts)}
          />
          <TokenHelp isCloud={isCloud} />
          {check.isError && <ProblemNotice error={check.error} />}
          <Button type="submit" look="primary" isPending={check.isPending}>
            {t('register.check')}
          </Button>
        </form>
      </Card>
    </>
  )
}

/** Where one may register: the demo's Jira, the listed ones, or (empty) anywhere. */
function addressesOf({ demo, jiraBaseUrls }: Installation): readonly string[] {
  return demo === undefined ? jiraBaseUrls : [demo.jiraUrl]
}

function tokenFault(value: string) {
  if (value.trim() === '') return 'register.token.missing' as const
  return value.trim().length > limits.tokenLengthMax ? ('register.token.long' as const) : undefined
}

function TokenHelp({ isCloud }: { readonly isCloud: boolean }) {
  const t = useTexts(accountsTexts)
  return (
    <details className="group -mt-2 text-sm">
      <summary className="link w-fit cursor-pointer py-1 max-md:py-3">{t('register.help')}</summary>
      <p className="mt-2 rounded-field bg-sunken px-3 py-2 text-muted">
        <RichText
          texts={accountsTexts}
          textKey={isCloud ? 'register.help.cloud' : 'register.help.dc'}
          parts={{ b: <bdi lang="en" className="font-medium text-ink" /> }}
        />
      </p>
    </details>
  )
}
