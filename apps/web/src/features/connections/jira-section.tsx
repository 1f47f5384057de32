import type { listConnections } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { PlugZap } from 'lucide-react'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Facts } from '../../ui/facts.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useReplaceJiraToken, useTestJira } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { JiraTokenForm } from './jira-token-form.tsx'
import { SectionHeader } from './section-header.tsx'
import { TestReport } from './test-report.tsx'

type JiraConnection = ReplyOf<typeof listConnections>['jira']

/** Jira as it came from the registration: test it, or replace the token (CFG-12). */
export function JiraSection({ jira }: { readonly jira: JiraConnection }) {
  const t = useTexts(connectionsTexts)
  const toast = useToast()
  const [isReplacing, setIsReplacing] = useState(false)
  const test = useTestJira()
  const replace = useReplaceJiraToken()
  const latest = isReplacing && replace.submittedAt > test.submittedAt ? replace : test
  const testStored = () => test.mutate({})
  return (
    <Card as="section" labelledBy="jira">
      <SectionHeader
        id="jira"
        title={t('jira.title')}
        hint={t('jira.hint')}
        opens={t('opens.jira')}
        standing={jira}
      />
      <div className="flex flex-col gap-5">
        <JiraFacts jira={jira} />
        {jira.state === 'failing' && jira.failure !== undefined && latest.isIdle && (
          <ProblemNotice error={jira.failure} />
        )}
        {isReplacing && (
          <JiraTokenForm
            isTesting={test.isPending}
            isSaving={replace.isPending}
            onTest={(token) => test.mutate({ token })}
            onSave={(token) =>
              replace.mutate(token, {
                onSuccess: ({ passed }) => {
                  if (!passed) return
                  setIsReplacing(false)
                  toast({ text: t('jira.newToken.saved'), tone: 'good' })
                },
              })
            }
            onCancel={() => setIsReplacing(false)}
          />
        )}
        <TestReport about="jira" result={latest.data} error={latest.error} onRetry={testStored} />
        {!isReplacing && (
          <div className="flex flex-wrap gap-2">
            <Button
              look="primary"
              icon={<PlugZap aria-hidden className="size-4" />}
              isPending={test.isPending}
              onPress={testStored}
            >
              {t('test')}
            </Button>
            <Button onPress={() => setIsReplacing(true)}>{t('jira.replace')}</Button>
          </div>
        )}
      </div>
    </Card>
  )
}

function JiraFacts({ jira }: { readonly jira: JiraConnection }) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  if (jira.flavour === undefined || jira.setAt === undefined) return undefined
  return (
    <Facts
      facts={[
        { name: t('address'), value: <LeftToRight>{jira.baseUrl}</LeftToRight> },
        { name: t('jira.kind'), value: <bdi lang="en">{t(`jira.kind.${jira.flavour}`)}</bdi> },
        {
          name: t('jira.token'),
          value: (
            <span className="flex flex-wrap gap-x-3">
              <LeftToRight>{`•••• ${jira.tokenHint}`}</LeftToRight>
              <span className="text-muted">{t('setOn', { date: formats.date(jira.setAt) })}</span>
            </span>
          ),
        },
      ]}
    />
  )
}
