import type { listConnections } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useRemoveTrello, useSaveTrello, useTestTrello } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { DemoFill, useDemoPerson } from './demo-fill.tsx'
import { SecretField } from './secret-field.tsx'
import { AddressField } from './section-fields.tsx'
import { SectionFrame } from './section-frame.tsx'
import { neededSecretFault, webAddress } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

type TrelloConnection = ReplyOf<typeof listConnections>['trello']

const trelloAddress = 'https://api.trello.com'

/** Trello: an API key of a Power-Up, and a token that belongs to it. */
export function TrelloSection({ trello }: { readonly trello: TrelloConnection }) {
  const t = useTexts(connectionsTexts)
  const { state, tls, keyHint, tokenHint } = trello
  const remove = useRemoveTrello()
  const demo = useDemoPerson()
  const section = useSection({
    stored: {
      state,
      tls,
      hints: {
        ...(keyHint === undefined ? {} : { key: keyHint }),
        ...(tokenHint === undefined ? {} : { token: tokenHint }),
      },
    },
    values: { baseUrl: trello.baseUrl ?? trelloAddress },
    toBody,
    test: useTestTrello(),
    save: useSaveTrello(),
    isTested: (saved) => saved.state === 'passed' || saved.state === 'unverified',
  })
  return (
    <SectionFrame
      id="trello"
      title="Trello"
      hint={t('trello.hint')}
      opens={t('opens.trello')}
      standing={trello}
      section={section}
      removal={
        state === 'not-set' ? undefined : { name: 'Trello', text: t('trello.remove'), remove }
      }
    >
      {demo !== undefined && (
        <DemoFill
          onPress={() =>
            section.fillIn({
              baseUrl: demo.trelloUrl,
              key: demo.trelloKey,
              token: demo.trelloToken,
            })
          }
        />
      )}
      <AddressField
        control={section.control}
        hint={t('trello.address.hint')}
        serverMessage={section.messageAt('/baseUrl')}
      />
      <SecretField
        {...section.secret('key')}
        label={t('trello.key')}
        hint={t('trello.key.hint')}
        setAt={trello.setAt}
        validate={neededSecretFault}
        serverMessage={section.messageAt('/key')}
        system="trello"
      />
      <SecretField
        {...section.secret('token')}
        label={t('token')}
        hint={t('trello.token.hint')}
        setAt={trello.setAt}
        validate={neededSecretFault}
        serverMessage={section.messageAt('/token')}
        system="trello"
      />
    </SectionFrame>
  )
}

function toBody({ values: { baseUrl }, secrets, tls }: Typed) {
  return { baseUrl: webAddress(baseUrl) ?? baseUrl, ...secrets, ...tls }
}
