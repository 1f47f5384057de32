import type { RegistrationWay } from '@studioops/contracts/installation'
import type { EntryRules } from '@studioops/contracts/people'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { Switch } from '../../ui/switch.tsx'
import { useEntryRules, useSetEntryRules } from './people.queries.ts'
import { peopleTexts } from './people.texts.ts'

const ways = ['jira_pat', 'invite', 'local'] as const satisfies readonly RegistrationWay[]

/** How people get an account, and whether a second factor is asked for; in force at once. */
export function EntryRulesForm() {
  const t = useTexts(peopleTexts)
  const rules = useEntryRules()
  return (
    <>
      <h2 id="people-rules" className="text-lg font-semibold">
        {t('rules.title')}
      </h2>
      <p className="mb-4 text-sm text-muted">{t('rules.hint')}</p>
      {rules.isPending && (
        <>
          <LoadingStatus />
          <Skeleton shape="field" count={3} />
        </>
      )}
      {rules.isError && <ProblemNotice error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.data !== undefined && <Switches rules={rules.data} />}
    </>
  )
}

function Switches({ rules }: { readonly rules: EntryRules }) {
  const t = useTexts(peopleTexts)
  const set = useSetEntryRules()
  const shown = set.isPending ? set.variables : rules
  const withWay = (way: RegistrationWay, isOn: boolean) =>
    ways.filter((one) => (one === way ? isOn : shown.registrationWays.includes(one)))
  return (
    <div className="flex flex-col gap-2">
      {ways.map((way) => (
        <Switch
          key={way}
          isSelected={shown.registrationWays.includes(way)}
          isDisabled={set.isPending}
          onChange={(isOn) => set.mutate({ ...shown, registrationWays: withWay(way, isOn) })}
        >
          {t(`rules.${way}`)}
        </Switch>
      ))}
      <Switch
        isSelected={shown.secondFactorRequired}
        isDisabled={set.isPending}
        onChange={(secondFactorRequired) => set.mutate({ ...shown, secondFactorRequired })}
      >
        {t('rules.factor')}
      </Switch>
      {set.isError && <ProblemNotice error={set.error} />}
    </div>
  )
}
