import type { LayeredRules } from '@studioops/contracts/story-rule-settings'
import {
  type EffectiveRule,
  type RuleLayer,
  ruleLayer,
  ruleWords,
  storyRuleDefinitions,
} from '@studioops/contracts/story-rules'
import { Lock, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { RadioCards } from '../../ui/radio-cards.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import type { Tone } from '../../ui/tones.ts'
import { RuleDialog } from './rule-dialog.tsx'
import { RuleTry } from './rule-try.tsx'
import { SetBy } from './rule-words.tsx'
import { useStoryRules } from './story-rules.queries.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

/** Every rule as it holds, and what a layer says of it. */
export function RulesView({ projectId }: { readonly projectId: string | undefined }) {
  const rules = useStoryRules(projectId)
  if (rules.data !== undefined) return <Layers known={rules.data} projectId={projectId} />
  if (rules.isError)
    return (
      <ProblemNotice
        error={rules.error}
        isRetrying={rules.isFetching}
        onRetry={() => void rules.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="field" count={6} />
    </div>
  )
}

type LayersProps = { readonly known: LayeredRules; readonly projectId: string | undefined }

function Layers({ known, projectId }: LayersProps) {
  const t = useTexts(storyRulesTexts)
  const [layer, setLayer] = useState<RuleLayer>('user')
  const [edited, setEdited] = useState<EffectiveRule>()
  const layers = ruleLayer.options.filter((each) => each !== 'project' || projectId !== undefined)
  return (
    <div className="flex flex-col gap-8">
      <p className="max-w-prose text-muted">{t('page.lead')}</p>
      <RadioCards
        label={t('page.layer')}
        columns={3}
        cards={layers.map((id) => ({
          id,
          title: t(`layer.${id}`),
          description: t(`layer.${id}.text`),
        }))}
        value={layer}
        onChange={setLayer}
      />
      {!known.mayChange.includes(layer) && <p className="text-muted">{t('layer.not-allowed')}</p>}
      {groups.map((group) => (
        <RuleGroup
          key={group}
          group={group}
          rules={known.rules.filter(({ rule }) => storyRuleDefinitions[rule].group === group)}
          layer={layer}
          known={known}
          onEdit={setEdited}
        />
      ))}
      <RuleTry projectId={projectId} />
      {edited !== undefined && (
        <RuleDialog
          rule={edited}
          layer={layer}
          said={known.layers[layer]?.[edited.rule]}
          projectId={projectId}
          onClose={() => setEdited(undefined)}
        />
      )}
    </div>
  )
}

const groups = ['summary', 'content', 'size', 'invest', 'wording', 'jira'] as const

const tones: Readonly<Record<EffectiveRule['mode'], Tone>> = {
  block: 'accent',
  warn: 'warn',
  off: 'neutral',
}

function RuleGroup({
  group,
  rules,
  layer,
  known,
  onEdit,
}: {
  readonly group: (typeof groups)[number]
  readonly rules: readonly EffectiveRule[]
  readonly layer: RuleLayer
  readonly known: LayeredRules
  readonly onEdit: (rule: EffectiveRule) => void
}) {
  const t = useTexts(storyRulesTexts)
  return (
    <section aria-label={t(`group.${group}`)} className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold">{t(`group.${group}`)}</h2>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface shadow-card">
        {rules.map((rule) => (
          <RuleRow
            key={rule.rule}
            rule={rule}
            isSaid={known.layers[layer]?.[rule.rule] !== undefined}
            mayChange={known.mayChange.includes(layer)}
            isLocked={isLockedFor(rule, layer)}
            onEdit={() => onEdit(rule)}
          />
        ))}
      </ul>
    </section>
  )
}

/** What an earlier layer has locked is without effect in this one. */
function isLockedFor({ lockedBy }: EffectiveRule, layer: RuleLayer): boolean {
  if (lockedBy === undefined) return false
  return ruleLayer.options.indexOf(lockedBy) < ruleLayer.options.indexOf(layer)
}

function RuleRow({
  rule,
  isSaid,
  mayChange,
  isLocked,
  onEdit,
}: {
  readonly rule: EffectiveRule
  readonly isSaid: boolean
  readonly mayChange: boolean
  readonly isLocked: boolean
  readonly onEdit: () => void
}) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const words = ruleWords(rule, { language, of: 'message' })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:flex-nowrap sm:px-5">
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
        <p>{words}</p>
        <div className="flex flex-wrap gap-x-3 text-sm">
          <SetBy rule={rule} />
          {isSaid && <p className="text-muted">{t('edit.said')}</p>}
          {isLocked && (
            <p className="inline-flex items-center gap-1.5 text-warn-ink">
              <Lock aria-hidden className="size-3.5" />
              {t('edit.locked')}
            </p>
          )}
        </div>
      </div>
      <Badge tone={tones[rule.mode]}>{t(`mode.${rule.mode}`)}</Badge>
      {mayChange && (
        <Button
          size="small"
          isDisabled={isLocked}
          aria-label={t('edit.open', { rule: words })}
          icon={<SlidersHorizontal className="size-4" />}
          onPress={onEdit}
        >
          {t('edit.short')}
        </Button>
      )}
    </li>
  )
}
