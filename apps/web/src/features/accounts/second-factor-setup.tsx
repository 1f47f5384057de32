import { useMemo } from 'react'
import { useForm } from 'react-hook-form'
import { encode } from 'uqr'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { LeftToRight } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { FormTextField } from '../../ui/form-text-field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useConfirmSecondFactor } from './accounts.queries.ts'
import { accountsTexts } from './accounts.texts.ts'

/** The key as a picture and as text, and the first code that proves that the app has it. */
export function SecondFactorSetup({
  offer: { secret, uri },
  onDone,
  onCancel,
}: {
  readonly offer: { readonly secret: string; readonly uri: string }
  readonly onDone: (recoveryCodes: readonly string[]) => void
  readonly onCancel: () => void
}) {
  const t = useTexts(accountsTexts)
  const confirm = useConfirmSecondFactor()
  const form = useForm({ defaultValues: { code: '' }, mode: 'onTouched' })
  const submit = form.handleSubmit(({ code }) =>
    confirm.mutate(code.trim(), { onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes) }),
  )
  return (
    <form
      noValidate
      onSubmit={(event) => void submit(event)}
      className="flex max-w-xl flex-col gap-5"
    >
      <p>{t('factor.scan')}</p>
      <div className="flex flex-col gap-5 sm:flex-row sm:items-center">
        <QrCode text={uri} label={t('factor.qr')} />
        <div className="min-w-0">
          <p className="text-sm font-medium">{t('factor.key')}</p>
          <p className="mt-1 font-mono text-sm break-all">
            <LeftToRight>{(secret.match(/.{1,4}/g) ?? []).join(' ')}</LeftToRight>
          </p>
          <CopyButton text={secret} object={t('factor.key')} />
        </div>
      </div>
      <FormTextField
        control={form.control}
        name="code"
        kind="code"
        label={t('factor.code')}
        autoComplete="one-time-code"
        validate={(value) =>
          /^\d{6}$/.test(value.replaceAll(/\s/g, '')) ? undefined : 'factor.code.missing'
        }
        explain={t}
      />
      {confirm.isError && <ProblemNotice error={confirm.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" isPending={confirm.isPending}>
          {t('factor.confirm')}
        </Button>
        <Button onPress={onCancel}>{t('factor.cancel')}</Button>
      </div>
    </form>
  )
}

/** Black on white in every theme, as cameras expect it. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, data } = useMemo(() => encode(text, { border: 3 }), [text])
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 shrink-0 rounded-field border border-line"
    >
      <rect width={size} height={size} fill="white" />
      <path d={path} fill="black" />
    </svg>
  )
}
