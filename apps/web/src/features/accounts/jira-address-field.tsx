import { type Control, Controller } from 'react-hook-form'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { Select } from '../../ui/select.tsx'
import { accountsTexts } from './accounts.texts.ts'
import { jiraAddress } from './jira-address.ts'
import type { JiraValues } from './jira-step.tsx'

/** One allowed address is shown, several are offered, none means any (D-2). */
export function JiraAddressField({
  control,
  addresses,
  serverMessage,
}: {
  readonly control: Control<JiraValues>
  readonly addresses: readonly string[]
  readonly serverMessage: string | undefined
}) {
  const t = useTexts(accountsTexts)
  if (addresses.length === 1)
    return (
      <div>
        <p className="text-sm font-medium">{t('register.jiraUrl')}</p>
        <p className="mt-1">
          <LeftToRight>{addresses[0]}</LeftToRight>
        </p>
      </div>
    )
  if (addresses.length > 1)
    return (
      <Controller
        control={control}
        name="jiraUrl"
        rules={{ validate: (value) => value !== '' }}
        render={({ field: { value, onChange, onBlur, ref }, fieldState }) => (
          <Select
            ref={ref}
            label={t('register.jiraUrl')}
            placeholder={t('register.jiraUrl.choose')}
            options={addresses.map((address) => ({ id: address, label: address }))}
            value={value === '' ? undefined : value}
            onChange={onChange}
            onBlur={onBlur}
            error={fieldState.invalid ? t('register.jiraUrl.choose') : serverMessage}
          />
        )}
      />
    )
  return (
    <FormTextField
      control={control}
      name="jiraUrl"
      kind="url"
      label={t('register.jiraUrl')}
      description={t('register.jiraUrl.hint')}
      autoComplete="url"
      validate={(value) =>
        jiraAddress(value) === undefined ? 'register.jiraUrl.invalid' : undefined
      }
      explain={t}
      serverMessage={serverMessage}
    />
  )
}
