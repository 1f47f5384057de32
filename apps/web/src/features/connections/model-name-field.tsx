import type { Control } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { missingFault, type SectionValues } from './section-values.ts'

/** Free text; after a test the browser suggests what the server offers. */
export function ModelNameField({
  control,
  offered,
  serverMessage,
}: {
  readonly control: Control<SectionValues>
  readonly offered: readonly string[]
  readonly serverMessage: string | undefined
}) {
  const t = useTexts(connectionsTexts)
  const description =
    offered.length === 0 ? t('model.name.hint') : t('model.offered', { count: offered.length })
  return (
    <>
      <FormTextField
        control={control}
        name="model"
        kind="code"
        label={t('model.name')}
        description={description}
        list="offered-models"
        validate={missingFault}
        explain={t}
        serverMessage={serverMessage}
      />
      <datalist id="offered-models">
        {offered.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  )
}
