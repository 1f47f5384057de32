import type { listConnections } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { useWatch } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useRemoveConfluence, useSaveConfluence, useTestConfluence } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { DemoFill, useDemoPerson } from './demo-fill.tsx'
import { SecretField } from './secret-field.tsx'
import { AddressField, FlavourFields } from './section-fields.tsx'
import { SectionFrame } from './section-frame.tsx'
import { confluenceTokenFault, webAddress } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

type ConfluenceConnection = ReplyOf<typeof listConnections>['confluence']

/** Confluence, proposed from where Jira is (CFG-13). */
export function ConfluenceSection({ confluence }: { readonly confluence: ConfluenceConnection }) {
  const t = useTexts(connectionsTexts)
  const { state, tls, tokenHint, suggested } = confluence
  const remove = useRemoveConfluence()
  const demo = useDemoPerson()
  const section = useSection({
    stored: { state, tls, hints: tokenHint === undefined ? {} : { token: tokenHint } },
    values: valuesOf(confluence),
    toBody,
    test: useTestConfluence(),
    save: useSaveConfluence(),
    isTested: (saved) => saved.state === 'passed' || saved.state === 'unverified',
  })
  const flavour = useWatch({ control: section.control, name: 'flavour' })
  return (
    <SectionFrame
      id="confluence"
      title="Confluence"
      hint={t('confluence.hint')}
      opens={t('opens.confluence')}
      standing={confluence}
      section={section}
      removal={
        state === 'not-set'
          ? undefined
          : { name: 'Confluence', text: t('confluence.remove'), remove }
      }
    >
      {demo !== undefined && (
        <DemoFill
          onPress={() =>
            section.fillIn({
              baseUrl: demo.confluenceUrl,
              flavour: 'dc',
              token: demo.confluenceToken,
            })
          }
        />
      )}
      <AddressField
        control={section.control}
        hint={t(
          suggested !== undefined && state === 'not-set'
            ? 'confluence.address.suggested'
            : 'confluence.address.hint',
        )}
        serverMessage={section.messageAt('/baseUrl')}
      />
      <FlavourFields
        control={section.control}
        flavour={flavour}
        serverMessage={section.messageAt('/loginEmail')}
      />
      <SecretField
        {...section.secret('token')}
        label={t('token')}
        hint={t('confluence.token.hint')}
        setAt={confluence.setAt}
        validate={confluenceTokenFault}
        serverMessage={section.messageAt('/token')}
        system="confluence"
      />
    </SectionFrame>
  )
}

function valuesOf({ baseUrl, flavour, loginEmail, suggested }: ConfluenceConnection) {
  return {
    baseUrl: baseUrl ?? suggested?.baseUrl ?? '',
    flavour: flavour ?? suggested?.flavour ?? 'dc',
    loginEmail: loginEmail ?? '',
  }
}

function toBody({ values, secrets: { token }, tls }: Typed) {
  const { baseUrl, flavour, loginEmail } = values
  return {
    baseUrl: webAddress(baseUrl) ?? baseUrl,
    flavour,
    ...(flavour === 'cloud' ? { loginEmail: loginEmail.trim() } : {}),
    ...(token === undefined ? {} : { token }),
    ...tls,
  }
}
