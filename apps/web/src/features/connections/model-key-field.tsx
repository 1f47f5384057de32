import type { Control } from 'react-hook-form'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { connectionsTexts } from './connections.texts.ts'
import { keyFault } from './model-settings.ts'
import type { ModelValues } from './use-model-form.ts'

/** A stored key shows its last characters and can be replaced; it never comes back (CFG-18). */
export function ModelKeyField({
  control,
  keyHint,
  setAt,
  isReplacing,
  onReplace,
  serverMessage,
}: {
  readonly control: Control<ModelValues>
  readonly keyHint: string | undefined
  readonly setAt: string | undefined
  readonly isReplacing: boolean
  readonly onReplace: (isReplacing: boolean) => void
  readonly serverMessage: string | undefined
}) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  if (!isReplacing)
    return (
      <div>
        <p className="text-sm font-medium">{t('model.key')}</p>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          <LeftToRight>{`•••• ${keyHint}`}</LeftToRight>
          {setAt !== undefined && (
            <span className="text-muted">{t('setOn', { date: formats.date(setAt) })}</span>
          )}
          <Button size="small" onPress={() => onReplace(true)}>
            {t('model.key.replace')}
          </Button>
        </p>
      </div>
    )
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="w-full">
        <FormTextField
          control={control}
          name="apiKey"
          kind="token"
          label={t('model.key')}
          description={keyHint === undefined ? t('model.key.hint') : t('model.key.stored')}
          validate={keyFault}
          explain={t}
          serverMessage={serverMessage}
        />
      </div>
      {keyHint !== undefined && (
        <Button size="small" look="quiet" onPress={() => onReplace(false)}>
          {t('model.key.keep')}
        </Button>
      )}
    </div>
  )
}
