import type { PasswordPolicy } from '@studioops/contracts/installation'
import { brokenPasswordRules, passwordRules } from '@studioops/contracts/passwords'
import { Check, Circle } from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { accountsTexts } from './accounts.texts.ts'

/** What the workspace asks of a password, ticked off while one types (ID-4, D-18). */
export function PasswordChecklist({
  password,
  policy,
}: {
  readonly password: string
  readonly policy: PasswordPolicy
}) {
  const t = useTexts(accountsTexts)
  const broken = new Set(brokenPasswordRules(password, policy))
  return (
    <ul aria-label={t('password.rules')} className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
      {passwordRules[policy].map((rule) => {
        const isMet = !broken.has(rule)
        const Icon = isMet ? Check : Circle
        return (
          <li
            key={rule}
            className={classNames(
              'flex items-center gap-2 text-sm',
              isMet ? 'text-good-ink' : 'text-muted',
            )}
          >
            <Icon
              aria-hidden
              className={classNames('shrink-0', isMet ? 'size-4' : 'mx-1 size-2')}
            />
            <span>{t(`password.rule.${rule}`)}</span>
            <span className="sr-only">{isMet ? t('password.met') : t('password.unmet')}</span>
          </li>
        )
      })}
    </ul>
  )
}
