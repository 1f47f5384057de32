import { useForm } from 'react-hook-form'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { fieldMessage, problemOf } from '../../lib/problem.ts'
import { Button } from '../../ui/button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { useChangePassword } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'
import { NewPasswordField } from './new-password-field.tsx'

const empty = { current: '', password: '' }

/** A new password for who knows the present one; other devices are signed out. */
export function PasswordSettings({ employeeId }: { readonly employeeId: string }) {
  const t = useTexts(accountsTexts)
  const { texts } = useLanguage()
  const toast = useToast()
  const change = useChangePassword()
  const form = useForm({ defaultValues: empty, mode: 'onTouched' })
  const submit = form.handleSubmit(({ current, password }) =>
    change.mutate(
      { current, next: password },
      {
        onSuccess: () => {
          form.reset(empty)
          toast({ text: t('profile.password.changed'), tone: 'good' })
        },
        onError: () => form.setFocus('current'),
      },
    ),
  )
  const isWrong = problemOf(change.error)?.code === 'login.failed'
  return (
    <>
      <h2 id="profile-password" className="text-lg font-semibold">
        {t('profile.password')}
      </h2>
      <p className="mb-4 text-sm text-muted">{t('profile.password.hint')}</p>
      <form
        noValidate
        onSubmit={(event) => void submit(event)}
        className="flex max-w-xl flex-col gap-5"
      >
        {/* Password managers find the right entry by this name. */}
        <input hidden readOnly autoComplete="username" value={employeeId} />
        <FormTextField
          control={form.control}
          name="current"
          kind="password"
          label={t('profile.password.current')}
          autoComplete="current-password"
          validate={(value) => (value === '' ? 'signIn.password.missing' : undefined)}
          explain={t}
          serverMessage={isWrong ? t('profile.password.wrong') : undefined}
        />
        <NewPasswordField
          control={form.control}
          label={t('password.new')}
          serverMessage={fieldMessage(change.error, '/next', texts)}
        />
        {change.isError && !isWrong && <ProblemNotice error={change.error} />}
        <div>
          <Button type="submit" isPending={change.isPending}>
            {t('profile.password.change')}
          </Button>
        </div>
      </form>
    </>
  )
}
