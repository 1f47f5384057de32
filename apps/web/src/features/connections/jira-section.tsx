import type { CallOf, ReplyOf } from '@studioops/contracts/endpoint'
import type { listConnections, replaceJiraToken } from '@studioops/contracts/connections'
import { type Control, Controller, useWatch } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useSaveJira, useTestJira } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { SecretField } from './secret-field.tsx'
import { AddressField, FlavourFields } from './section-fields.tsx'
import { SectionFrame } from './section-frame.tsx'
import { neededSecretFault, type SectionValues, webAddress } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

type JiraConnection = ReplyOf<typeof listConnections>['jira']
type JiraBody = CallOf<typeof replaceJiraToken>['body']

/** Jira as it came from the registration; somebody who was invited connects it here (CFG-12). */
export function JiraSection({
  jira,
  addresses,
}: {
  readonly jira: JiraConnection
  readonly addresses: readonly string[]
}) {
  const t = useTexts(connectionsTexts)
  const isFirst = jira.state === 'not-set'
  const save = useSaveJira()
  const test = useTestJira()
  const section = useSection({
    stored: {
      state: jira.state,
      tls: jira.tls,
      hints: jira.tokenHint === undefined ? {} : { token: jira.tokenHint },
    },
    values: { baseUrl: addresses[0] ?? '' },
    toBody: (typed) => toBody(typed, isFirst),
    test,
    save,
    // Saving was a test.
    isTested: () => true,
    isSaved: ({ passed }) => passed,
  })
  const flavour = useWatch({ control: section.control, name: 'flavour' })
  const wasSavedLast = save.submittedAt > test.submittedAt
  const shownTest = wasSavedLast
    ? { data: save.data, error: null, isPending: save.isPending, isIdle: false }
    : section.test
  return (
    <SectionFrame
      id="jira"
      title="Jira"
      hint={t(isFirst ? 'jira.hint.first' : 'jira.hint')}
      opens={t('opens.jira')}
      standing={jira}
      section={{ ...section, test: shownTest }}
      saveLabel={t('jira.save')}
    >
      {isFirst ? (
        <>
          <AllowedAddress
            control={section.control}
            addresses={addresses}
            serverMessage={section.messageAt('/baseUrl')}
          />
          <FlavourFields
            control={section.control}
            flavour={flavour}
            serverMessage={section.messageAt('/loginEmail')}
          />
        </>
      ) : (
        <JiraFacts jira={jira} />
      )}
      <SecretField
        {...section.secret('token')}
        label={t('token')}
        hint={t('jira.token.hint')}
        setAt={jira.setAt}
        validate={neededSecretFault}
        serverMessage={section.messageAt('/token')}
        system="jira"
      />
    </SectionFrame>
  )
}

function toBody({ values, secrets: { token }, tls }: Typed, isFirst: boolean): JiraBody {
  const { baseUrl, flavour, loginEmail } = values
  const first = isFirst
    ? {
        baseUrl: webAddress(baseUrl) ?? baseUrl,
        flavour,
        ...(flavour === 'cloud' ? { loginEmail: loginEmail.trim() } : {}),
      }
    : {}
  return { ...first, ...(token === undefined ? {} : { token }), ...tls }
}

/** Only addresses that the workspace lists (D-2); who runs it may name the first. */
function AllowedAddress({
  control,
  addresses,
  serverMessage,
}: {
  readonly control: Control<SectionValues>
  readonly addresses: readonly string[]
  readonly serverMessage: string | undefined
}) {
  const t = useTexts(connectionsTexts)
  const role = useAccount()?.role
  if (addresses.length === 0 && (role === 'owner' || role === 'admin'))
    return (
      <AddressField control={control} hint={t('jira.address.hint')} serverMessage={serverMessage} />
    )
  if (addresses.length === 0)
    return (
      <Notice tone="warn" title={t('jira.noAddress')}>
        {t('jira.noAddress.text')}
      </Notice>
    )
  return (
    <Controller
      control={control}
      name="baseUrl"
      render={({ field: { value, onChange, onBlur, ref } }) => (
        <Select
          ref={ref}
          label={t('address')}
          options={addresses.map((address) => ({ id: address, label: address }))}
          value={value === '' ? undefined : value}
          onChange={onChange}
          onBlur={onBlur}
        />
      )}
    />
  )
}

function JiraFacts({ jira: { baseUrl = '', flavour = 'dc' } }: { readonly jira: JiraConnection }) {
  const t = useTexts(connectionsTexts)
  return (
    <Facts
      facts={[
        { name: t('address'), value: <LeftToRight>{baseUrl}</LeftToRight> },
        {
          name: t('flavour'),
          value: <bdi lang="en">{flavour === 'cloud' ? 'Cloud' : 'Data Center'}</bdi>,
        },
      ]}
    />
  )
}
