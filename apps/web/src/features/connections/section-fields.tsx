import { type Control, Controller } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { addressFault, emailFault, type Fault, type SectionValues } from './section-values.ts'

type Shared = {
  readonly control: Control<SectionValues>
  readonly serverMessage: string | undefined
}

export function AddressField({
  control,
  serverMessage,
  label,
  hint,
}: Shared & { readonly label?: string; readonly hint: string }) {
  const t = useTexts(connectionsTexts)
  return (
    <FormTextField
      control={control}
      name="baseUrl"
      kind="url"
      label={label ?? t('address')}
      description={hint}
      validate={addressFault}
      explain={t}
      serverMessage={serverMessage}
    />
  )
}

/** A word of a machine, such as a region. */
export function CodeField({
  control,
  serverMessage,
  name,
  label,
  hint,
  validate,
}: Shared & {
  readonly name: 'model' | 'region' | 'bucket' | 'accessKeyId'
  readonly label: string
  readonly hint: string
  readonly validate: (value: string) => Fault | undefined
}) {
  const t = useTexts(connectionsTexts)
  return (
    <FormTextField
      control={control}
      name={name}
      kind="code"
      label={label}
      description={hint}
      validate={validate}
      explain={t}
      serverMessage={serverMessage}
    />
  )
}

/** Data Center takes a token alone, Cloud an e-mail address and an API token. */
export function FlavourFields({
  control,
  flavour,
  serverMessage,
}: Shared & { readonly flavour: SectionValues['flavour'] }) {
  const t = useTexts(connectionsTexts)
  return (
    <>
      <Controller
        control={control}
        name="flavour"
        render={({ field: { value, onChange } }) => (
          <RadioCards
            label={t('flavour')}
            value={value}
            onChange={onChange}
            cards={[
              {
                id: 'dc',
                title: <bdi lang="en">Data Center</bdi>,
                description: t('flavour.dc.hint'),
              },
              {
                id: 'cloud',
                title: <bdi lang="en">Cloud</bdi>,
                description: t('flavour.cloud.hint'),
              },
            ]}
          />
        )}
      />
      {flavour === 'cloud' && (
        <FormTextField
          control={control}
          name="loginEmail"
          kind="email"
          label={t('loginEmail')}
          description={t('loginEmail.hint')}
          validate={emailFault}
          explain={t}
          serverMessage={serverMessage}
        />
      )}
    </>
  )
}
