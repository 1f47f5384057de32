import { useState } from 'react'
import type { Control } from 'react-hook-form'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import type { SecretHolder } from './connections.queries.ts'
import { connectionsTexts } from './connections.texts.ts'
import { RevealedSecret } from './revealed-secret.tsx'
import type { Fault, SecretName, SectionValues } from './section-values.ts'

export type SecretFieldProps = {
  readonly control: Control<SectionValues>
  readonly name: SecretName
  readonly label: string
  /** Below the empty field. */
  readonly hint: string
  /** The last characters of the stored one; undefined where none is stored. */
  readonly storedHint: string | undefined
  readonly setAt: string | undefined
  readonly isReplacing: boolean
  readonly onReplace: (isReplacing: boolean) => void
  readonly validate: (value: string) => Fault | undefined
  readonly serverMessage: string | undefined
  /** Whose secret can be shown again; absent where it belongs to the workspace. */
  readonly system?: SecretHolder
}

/** A stored secret shows its end and can be replaced, or shown to its owner for a moment (CFG-18). */
export function SecretField(props: SecretFieldProps) {
  const t = useTexts(connectionsTexts)
  const { control, name, label, hint, storedHint, isReplacing, onReplace } = props
  if (storedHint !== undefined && !isReplacing) return <StoredSecret {...props} />
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="w-full">
        <FormTextField
          control={control}
          name={name}
          kind="token"
          label={label}
          description={storedHint === undefined ? hint : t('secret.stored')}
          validate={props.validate}
          explain={t}
          serverMessage={props.serverMessage}
        />
      </div>
      {storedHint !== undefined && (
        <Button size="small" look="quiet" onPress={() => onReplace(false)}>
          {t('secret.keep')}
        </Button>
      )}
    </div>
  )
}

function StoredSecret({
  label,
  storedHint = '',
  setAt,
  onReplace,
  system,
  name,
}: SecretFieldProps) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const [isShown, setIsShown] = useState(false)
  return (
    <div>
      <p className="text-sm font-medium">{label}</p>
      <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <LeftToRight>{`•••• ${storedHint}`}</LeftToRight>
        {setAt !== undefined && (
          <span className="text-muted">{t('setOn', { date: formats.date(setAt) })}</span>
        )}
        <Button
          size="small"
          aria-label={t('secret.replace.named', { name: label })}
          onPress={() => onReplace(true)}
        >
          {t('secret.replace')}
        </Button>
        {system !== undefined && !isShown && (
          <Button
            size="small"
            look="quiet"
            aria-label={t('secret.show.named', { name: label })}
            onPress={() => setIsShown(true)}
          >
            {t('secret.show')}
          </Button>
        )}
      </div>
      {system !== undefined && isShown && (
        <RevealedSecret
          system={system}
          name={name}
          label={label}
          onHide={() => setIsShown(false)}
        />
      )}
    </div>
  )
}
