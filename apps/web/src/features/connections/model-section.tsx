import { type listConnections, modelProviders } from '@studioops/contracts/connections'
import type { ReplyOf } from '@studioops/contracts/endpoint'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { Button } from '../../ui/button.tsx'
import { useRemoveModel, useSaveModel, useTestModel } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { DemoFill } from './demo-fill.tsx'
import { ModelNameField } from './model-name-field.tsx'
import { SecretField } from './secret-field.tsx'
import { AddressField } from './section-fields.tsx'
import { SectionFrame } from './section-frame.tsx'
import { secretFault, webAddress } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

type ModelConnection = ReplyOf<typeof listConnections>['model']

/** The model that writes: any server with the OpenAI API. */
export function ModelSection({ model }: { readonly model: ModelConnection }) {
  const t = useTexts(connectionsTexts)
  const { state, tls, keyHint } = model
  const remove = useRemoveModel()
  const demo = useInstallation().data?.demo
  const section = useSection({
    stored: { state, tls, hints: keyHint === undefined ? {} : { key: keyHint } },
    values: { baseUrl: model.baseUrl ?? '', model: model.model ?? '' },
    toBody,
    test: useTestModel(),
    save: useSaveModel(),
    isTested: (saved) => saved.state === 'passed',
  })
  return (
    <SectionFrame
      id="model"
      title={t('model.title')}
      hint={t('model.hint')}
      opens={t('opens.model')}
      standing={model}
      section={section}
      removal={
        state === 'not-set'
          ? undefined
          : { name: t('model.title'), text: t('model.remove'), remove }
      }
    >
      {demo !== undefined && (
        <DemoFill
          label={t('model.demo')}
          onPress={() =>
            section.fillIn({ baseUrl: demo.modelUrl, model: demo.modelName, key: demo.modelKey })
          }
        />
      )}
      <Providers onPick={(baseUrl) => section.fillIn({ baseUrl })} />
      <AddressField
        control={section.control}
        label={t('model.baseUrl')}
        hint={t('model.baseUrl.hint')}
        serverMessage={section.messageAt('/baseUrl')}
      />
      <ModelNameField
        control={section.control}
        offered={section.test.data?.models ?? []}
        serverMessage={section.messageAt('/model')}
      />
      <SecretField
        {...section.secret('key')}
        label={t('model.key')}
        hint={t('model.key.hint')}
        setAt={model.setAt}
        validate={secretFault}
        serverMessage={section.messageAt('/apiKey')}
        system="model"
      />
    </SectionFrame>
  )
}

/** Known addresses, so that nobody has to look them up. */
function Providers({ onPick }: { readonly onPick: (baseUrl: string) => void }) {
  const t = useTexts(connectionsTexts)
  return (
    <div role="group" aria-label={t('model.providers')}>
      <p className="text-sm font-medium">{t('model.providers')}</p>
      <div className="mt-1.5 flex flex-wrap gap-2">
        {modelProviders.map(({ id, name, baseUrl }) => (
          <Button key={id} size="small" onPress={() => onPick(baseUrl)}>
            <bdi lang="en">{name}</bdi>
          </Button>
        ))}
      </div>
    </div>
  )
}

function toBody({ values, secrets: { key }, tls }: Typed) {
  return {
    baseUrl: webAddress(values.baseUrl) ?? values.baseUrl,
    model: values.model.trim(),
    ...(key === undefined ? {} : { apiKey: key }),
    ...tls,
  }
}
