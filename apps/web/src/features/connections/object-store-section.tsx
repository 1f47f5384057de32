import type { ObjectStore } from '@studioops/contracts/connections'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Notice } from '../../ui/notice.tsx'
import {
  useRemoveObjectStore,
  useSaveObjectStore,
  useTestObjectStore,
} from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { SecretField } from './secret-field.tsx'
import { AddressField, CodeField } from './section-fields.tsx'
import { SectionFrame } from './section-frame.tsx'
import { bucketFault, missingFault, neededSecretFault, webAddress } from './section-values.ts'
import { type Typed, useSection } from './use-section.ts'

/** Where files of the workspace lie: in the data directory, or in a bucket. */
export function ObjectStoreSection({ store }: { readonly store: ObjectStore }) {
  const t = useTexts(connectionsTexts)
  const remove = useRemoveObjectStore()
  const { state, tls, secretHint } = store
  const section = useSection({
    stored: { state, tls, hints: secretHint === undefined ? {} : { token: secretHint } },
    values: {
      baseUrl: store.endpoint ?? '',
      region: store.region ?? 'us-east-1',
      bucket: store.bucket ?? '',
      accessKeyId: store.accessKeyId ?? '',
    },
    toBody,
    test: useTestObjectStore(),
    save: useSaveObjectStore(),
    isTested: (saved) => saved.state === 'passed',
  })
  const { control, messageAt } = section
  return (
    <SectionFrame
      id="object-store"
      title={t('store.title')}
      hint={t('store.hint')}
      opens={t('opens.store')}
      standing={store}
      section={section}
      removal={
        store.kind === 'files'
          ? undefined
          : { name: t('store.title'), text: t('store.remove'), remove }
      }
    >
      {store.kind === 'files' && <Notice title={t('store.files')}>{t('store.files.text')}</Notice>}
      <AddressField
        control={control}
        label={t('store.endpoint')}
        hint={t('store.endpoint.hint')}
        serverMessage={messageAt('/endpoint')}
      />
      <CodeField
        control={control}
        name="bucket"
        label={t('store.bucket')}
        hint={t('store.bucket.hint')}
        validate={bucketFault}
        serverMessage={messageAt('/bucket')}
      />
      <CodeField
        control={control}
        name="region"
        label={t('store.region')}
        hint={t('store.region.hint')}
        validate={missingFault}
        serverMessage={messageAt('/region')}
      />
      <CodeField
        control={control}
        name="accessKeyId"
        label={t('store.key')}
        hint={t('store.key.hint')}
        validate={missingFault}
        serverMessage={messageAt('/accessKeyId')}
      />
      <SecretField
        {...section.secret('token')}
        label={t('store.secret')}
        hint={t('store.secret.hint')}
        setAt={store.setAt}
        validate={neededSecretFault}
        serverMessage={messageAt('/secretAccessKey')}
      />
    </SectionFrame>
  )
}

function toBody({ values, secrets: { token }, tls }: Typed) {
  const { baseUrl, region, bucket, accessKeyId } = values
  return {
    endpoint: webAddress(baseUrl) ?? baseUrl,
    region: region.trim(),
    bucket: bucket.trim(),
    accessKeyId: accessKeyId.trim(),
    ...(token === undefined ? {} : { secretAccessKey: token }),
    ...tls,
  }
}
