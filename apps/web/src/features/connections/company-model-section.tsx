import type { CompanyConnection } from '@studioops/contracts/company-model'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { Card } from '../../ui/card.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import {
  useCompanyConnection,
  useRemoveCookie,
  useSaveCookie,
  useTestCompanyModel,
} from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { DemoFill } from './demo-fill.tsx'
import { SecretField } from './secret-field.tsx'
import { SectionFrame } from './section-frame.tsx'
import { missingFault } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

/** The company's model with the person's cookie (CFG-14). Nothing where the workspace has none. */
export function CompanyModelSection() {
  const connection = useCompanyConnection()
  if (connection.isError)
    return (
      <ProblemNotice
        error={connection.error}
        isRetrying={connection.isFetching}
        onRetry={() => void connection.refetch()}
      />
    )
  if (connection.isPending)
    return (
      <Card>
        <LoadingStatus />
        <Skeleton shape="field" count={2} />
      </Card>
    )
  if (!connection.data.isConfigured) return <Absent />
  return <Section connection={connection.data} />
}

/** Those who run the workspace learn here that there could be one. */
function Absent() {
  const t = useTexts(connectionsTexts)
  if (!useRunsWorkspace()) return undefined
  return (
    <Card as="section" labelledBy="company-model">
      <h2 id="company-model" className="text-lg font-semibold">
        {t('company.title')}
      </h2>
      <p className="mt-1 text-muted">{t('company.none')}</p>
      <FilesLink />
    </Card>
  )
}

function useRunsWorkspace(): boolean {
  const role = useAccount()?.role
  return role === 'owner' || role === 'admin'
}

function FilesLink() {
  const t = useTexts(connectionsTexts)
  return (
    <p className="mt-3">
      <Link to="/admin/company-model" className="link">
        {t('company.editFiles')}
      </Link>
    </p>
  )
}

function Section({ connection }: { readonly connection: CompanyConnection }) {
  const t = useTexts(connectionsTexts)
  const { name = t('company.title'), needsCookie, cookieHint } = connection
  const remove = useRemoveCookie()
  const section = useSection({
    stored: {
      state: connection.state,
      tls: { verify: true },
      hints: cookieHint === undefined ? {} : { token: cookieHint },
    },
    values: {},
    toBody,
    test: useTestCompanyModel(),
    save: useSaveCookie(),
    isTested: ({ state }) => state === 'passed' || state === 'unverified',
  })
  const runsWorkspace = useRunsWorkspace()
  return (
    <SectionFrame
      id="company-model"
      title={name}
      hint={t(needsCookie ? 'company.hint' : 'company.hintNoCookie')}
      opens={t('opens.company')}
      standing={connection}
      section={section}
      isByFiles
      removal={
        cookieHint === undefined
          ? undefined
          : { name: t('company.cookie'), text: t('company.remove'), remove }
      }
      footer={runsWorkspace && <FilesLink />}
    >
      {needsCookie && (
        <>
          <DemoCookie onPick={(cookie) => section.fillIn({ token: cookie })} />
          <SecretField
            {...section.secret('token')}
            label={t('company.cookie')}
            hint={t('company.cookie.hint')}
            setAt={connection.setAt}
            validate={missingFault}
            serverMessage={section.messageAt('/cookie')}
            system="company-model"
          />
        </>
      )}
    </SectionFrame>
  )
}

function toBody({ secrets: { token } }: Typed) {
  return token === undefined ? {} : { cookie: token }
}

/** In the demo the cookie of each person is known. */
function DemoCookie({ onPick }: { readonly onPick: (cookie: string) => void }) {
  const t = useTexts(connectionsTexts)
  const people = useInstallation().data?.demo?.people
  const employeeId = useAccount()?.employeeId
  const own = people?.find((person) => person.employeeId === employeeId)
  if (own === undefined) return undefined
  return <DemoFill label={t('company.demo')} onPress={() => onPick(own.companyCookie)} />
}
