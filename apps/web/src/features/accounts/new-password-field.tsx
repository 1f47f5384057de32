import { limits } from '@studioops/contracts/limits'
import { brokenPasswordRules } from '@studioops/contracts/passwords'
import { type Control, type FieldPathByValue, type FieldValues, useWatch } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { accountsTexts } from './accounts.texts.ts'
import { PasswordChecklist } from './password-checklist.tsx'

/** One field with an eye and the live checklist, and no "repeat" field (ID-4). */
export function NewPasswordField<Values extends FieldValues & { password: string }>({
  control,
  label,
  serverMessage,
}: {
  readonly control: Control<Values>
  readonly label: string
  readonly serverMessage: string | undefined
}) {
  const t = useTexts(accountsTexts)
  const name = 'password' as FieldPathByValue<Values, string>
  const password: string = useWatch({ control, name })
  return (
    <FormTextField
      control={control}
      name={name}
      kind="password"
      label={label}
      autoComplete="new-password"
      description={
        <>
          <p className="mb-2">{t('password.hint')}</p>
          <PasswordChecklist password={password} />
        </>
      }
      validate={passwordFault}
      explain={t}
      serverMessage={serverMessage}
    />
  )
}

function passwordFault(password: string) {
  const isLong = new TextEncoder().encode(password).length > limits.passwordBytesMax
  return isLong || brokenPasswordRules(password).length > 0 ? ('password.weak' as const) : undefined
}
