import { shortenText } from '@studioops/contracts/limits'
import { type EffectiveRule, type RuleResult, ruleWords } from '@studioops/contracts/story-rules'
import { CircleCheck, CircleMinus, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

type Sign = RuleResult['verdict'] | 'warn'

const signs: Readonly<Record<Sign, { readonly icon: LucideIcon; readonly className: string }>> = {
  met: { icon: CircleCheck, className: 'text-good-ink' },
  broken: { icon: CircleX, className: 'text-bad-ink' },
  warn: { icon: TriangleAlert, className: 'text-warn-ink' },
  'not-applicable': { icon: CircleMinus, className: 'text-muted' },
  unknown: { icon: CircleMinus, className: 'text-muted' },
}

const signOf = ({ mode, verdict }: RuleResult): Sign =>
  verdict === 'broken' && mode === 'warn' ? 'warn' : verdict

/** A rule with its verdict; where it is broken also where, what to do, and who set it. */
export function RuleItem({
  result,
  effective,
}: {
  readonly result: RuleResult
  readonly effective?: EffectiveRule | undefined
}) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const sign = signOf(result)
  const { icon: Icon, className } = signs[sign]
  return (
    <li className="flex gap-2.5 text-sm">
      <Icon aria-hidden className={classNames('mt-0.5 size-4 shrink-0', className)} />
      <div className="flex min-w-0 flex-col gap-1">
        <p>
          {ruleWords(result, { language, of: 'message' })}{' '}
          <span className={className}>{t(`verdict.${sign}`)}</span>
        </p>
        {result.verdict === 'broken' && (
          <>
            <p className="text-muted">{ruleWords(result, { language, of: 'fix' })}</p>
            <Findings result={result} />
          </>
        )}
        {effective !== undefined && <SetBy rule={effective} />}
      </div>
    </li>
  )
}

const findingsShown = 4

function Findings({ result: { findings } }: { readonly result: RuleResult }) {
  const t = useTexts(storyRulesTexts)
  const more = findings.length - findingsShown
  return (
    <ul className="flex flex-col gap-0.5 border-s-2 border-line ps-2.5">
      {findings.slice(0, findingsShown).map(({ at, quote, child }, index) => (
        <li key={index} className="wrap-anywhere text-muted">
          {child !== undefined && <span>{t('finding.child', { number: child + 1 })} </span>}
          <Place at={at} />
          {quote !== undefined && quote !== '' && (
            <>
              {': '}
              <q className="text-ink">
                <bdi>{shortenText(quote, quoteGraphemes)}</bdi>
              </q>
            </>
          )}
        </li>
      ))}
      {more > 0 && <li className="text-muted">{t('finding.more', { count: more })}</li>}
    </ul>
  )
}

const quoteGraphemes = 90

const named = [
  'summary',
  'asA',
  'iWant',
  'soThat',
  'acceptanceCriteria',
  'scenarios',
  'scope',
  'data',
  'environments',
  'cases',
  'entryCriteria',
  'exitCriteria',
  'storyPoints',
  'projectKey',
] as const

/** A path in a story, such as `acceptanceCriteria.2` or `stlcNotes.data`, in words. */
export function usePlaceWords(): (at: string) => string {
  const t = useTexts(storyRulesTexts)
  return (at) => {
    const [first = '', second] = at.split('.')
    const number = Number(second) + 1
    if (first === 'sections') return t('at.section')
    if (first === 'acceptanceCriteria' && number > 0) return t('at.criterion', { number })
    if (first === 'scenarios' && number > 0) return t('at.scenario', { number })
    const name = named.find((each) => each === second) ?? named.find((each) => each === first)
    return name === undefined ? at : t(`at.${name}`)
  }
}

function Place({ at }: { readonly at: string }) {
  return <span>{usePlaceWords()(at)}</span>
}

/** Which layer has the last word about a rule; nothing where it is as shipped. */
export function SetBy({ rule }: { readonly rule: EffectiveRule }) {
  const t = useTexts(storyRulesTexts)
  const layer = lastLayerOf(rule)
  if (layer === 'default') return undefined
  return (
    <p className="text-muted">
      {rule.lockedBy === undefined ? t(`from.${layer}`) : t(`locked.${rule.lockedBy}`)}
    </p>
  )
}

const layers = ['default', 'workspace', 'project', 'user'] as const

export function lastLayerOf({ modeFrom, paramsFrom }: EffectiveRule): (typeof layers)[number] {
  const said = [modeFrom, ...Object.values(paramsFrom)]
  return layers.findLast((layer) => said.includes(layer)) ?? 'default'
}
