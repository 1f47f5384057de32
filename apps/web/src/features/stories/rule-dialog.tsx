import {
  type EffectiveRule,
  type RuleLayer,
  type RuleSetting,
  ruleWords,
  type StoryRule,
  storyRuleDefinitions,
} from '@studioops/contracts/story-rules'
import { useState } from 'react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Select } from '../../ui/select.tsx'
import { useToast } from '../../ui/toast.tsx'
import { ParamField } from './param-field.tsx'
import { RuleTry } from './rule-try.tsx'
import { useSetRule } from './story-rules.queries.ts'
import { storyRulesTexts } from './story-rules.texts.ts'

type DialogProps = {
  readonly rule: EffectiveRule
  readonly layer: RuleLayer
  /** What the layer says of it so far. */
  readonly said: RuleSetting | undefined
  readonly projectId: string | undefined
  readonly onClose: () => void
}

type Mode = EffectiveRule['mode']
const modes = ['block', 'warn', 'off'] as const

type Draft = {
  readonly mode: Mode | 'inherit'
  readonly hasOwnParams: boolean
  readonly params: Readonly<Record<string, unknown>>
  readonly isLocked: boolean
}

/** What one layer says of one rule, tried on a sample before it is saved. */
export function RuleDialog({ rule, layer, said, projectId, onClose }: DialogProps) {
  const t = useTexts(storyRulesTexts)
  const language = useLanguage().texts
  const toast = useToast()
  const set = useSetRule(projectId)
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule, said))
  const change = (changes: Partial<Draft>) => setDraft((known) => ({ ...known, ...changes }))
  const faulty = faultyParams(rule.rule, draft)
  const send = (setting: RuleSetting) =>
    set.mutate(
      { layer, rule: rule.rule, setting },
      {
        onSuccess: () => {
          toast({ text: t('edit.saved'), tone: 'good' })
          onClose()
        },
      },
    )
  return (
    <FormDialog
      title={t('edit.title')}
      submit={t('edit.save')}
      isPending={set.isPending}
      isDisabled={faulty.length > 0}
      error={set.error}
      onSubmit={() => send(settingOf(draft))}
      onClose={onClose}
    >
      <p className="font-medium">{ruleWords(rule, { language, of: 'message' })}</p>
      <p className="text-sm text-muted">{ruleWords(rule, { language, of: 'fix' })}</p>
      <ModeField rule={rule} said={said} value={draft.mode} onChange={(mode) => change({ mode })} />
      <ParamFields rule={rule.rule} draft={draft} faulty={faulty} onChange={change} />
      {layer !== 'user' && (
        <Checkbox isSelected={draft.isLocked} onChange={(isLocked) => change({ isLocked })}>
          {t('edit.lock')}
        </Checkbox>
      )}
      {said !== undefined && (
        <div>
          <Button size="small" look="quiet" isPending={set.isPending} onPress={() => send({})}>
            {t('edit.reset')}
          </Button>
        </div>
      )}
      <details>
        <summary className="min-h-8 cursor-pointer max-md:min-h-11">{t('try.title')}</summary>
        <div className="mt-3">
          <RuleTry projectId={projectId} of={rule.rule} setting={settingOf(draft)} />
        </div>
      </details>
    </FormDialog>
  )
}

function draftOf(rule: EffectiveRule, said: RuleSetting | undefined): Draft {
  return {
    mode: said?.mode ?? 'inherit',
    hasOwnParams: said?.params !== undefined,
    params: { ...rule.params, ...said?.params },
    isLocked: said?.isLocked === true,
  }
}

function settingOf({ mode, hasOwnParams, params, isLocked }: Draft): RuleSetting {
  return {
    ...(mode === 'inherit' ? {} : { mode }),
    ...(hasOwnParams ? { params: { ...params } } : {}),
    ...(isLocked ? { isLocked } : {}),
  }
}

function faultyParams(rule: StoryRule, { hasOwnParams, params }: Draft): readonly string[] {
  if (!hasOwnParams) return []
  return Object.entries(storyRuleDefinitions[rule].params).flatMap(([name, { schema }]) =>
    schema.safeParse(params[name]).success ? [] : [name],
  )
}

function ModeField({
  rule,
  said,
  value,
  onChange,
}: {
  readonly rule: EffectiveRule
  readonly said: RuleSetting | undefined
  readonly value: Draft['mode']
  readonly onChange: (mode: Draft['mode']) => void
}) {
  const t = useTexts(storyRulesTexts)
  // What the layer before says is only known here where this one says nothing.
  const before = said?.mode === undefined ? rule.mode : storyRuleDefinitions[rule.rule].mode
  return (
    <Select
      label={t('mode.label')}
      value={value}
      onChange={onChange}
      options={[
        { id: 'inherit', label: t('mode.inherit', { mode: t(`mode.${before}`) }) },
        ...modes.map((id) => ({ id, label: t(`mode.${id}`), detail: t(`mode.${id}.text`) })),
      ]}
    />
  )
}

function ParamFields({
  rule,
  draft,
  faulty,
  onChange,
}: {
  readonly rule: StoryRule
  readonly draft: Draft
  readonly faulty: readonly string[]
  readonly onChange: (changes: Partial<Draft>) => void
}) {
  const t = useTexts(storyRulesTexts)
  const params = Object.entries(storyRuleDefinitions[rule].params)
  if (params.length === 0) return undefined
  return (
    <>
      <Checkbox
        isSelected={draft.hasOwnParams}
        onChange={(hasOwnParams) => onChange({ hasOwnParams })}
      >
        {t('edit.own')}
      </Checkbox>
      {draft.hasOwnParams &&
        params.map(([name, param]) => (
          <ParamField
            key={name}
            param={param}
            value={draft.params[name]}
            isFaulty={faulty.includes(name)}
            onChange={(value) => onChange({ params: { ...draft.params, [name]: value } })}
          />
        ))}
    </>
  )
}
