import type { PasswordPolicy } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import { brokenPasswordRules } from '@studioops/contracts/passwords'
import { type Control, type FieldPathByValue, type FieldValues, useWatch } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
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
  const policy = useInstallation().data?.passwordPolicy ?? 'composition'
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
          <PasswordChecklist password={password} policy={policy} />
        </>
      }
      validate={(typed) => passwordFault(typed, policy)}
      explain={t}
      serverMessage={serverMessage}
    />
  )
}

function passwordFault(password: string, policy: PasswordPolicy) {
  const isLong = new TextEncoder().encode(password).length > limits.passwordBytesMax
  return isLong || brokenPasswordRules(password, policy).length > 0
    ? ('password.weak' as const)
    : undefined
}
