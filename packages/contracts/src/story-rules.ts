import { z } from 'zod'
import type { Language } from './installation.ts'
import type { RuleFinding, RuleSubject, RuleWords, StoryRuleDefinition } from './story-rule.ts'
import * as content from './story-rules-content.ts'
import * as wording from './story-rules-wording.ts'

/** Every rule that stories are held to, in the order of the panel. */
const shipped = [
  content.summaryPresent,
  content.summaryLength,
  content.summaryUnits,
  content.summaryOneLine,
  content.criteriaPresent,
  content.criteriaNotEmpty,
  content.criteriaUnique,
  wording.criteriaTestable,
  content.scenariosPresent,
  content.scenariosOutline,
  content.stlcPresent,
  content.sectionsPresent,
  content.pointsLimit,
  content.splitCoverage,
  content.textsLength,
  wording.forbiddenWords,
  wording.investIndependent,
  wording.investNegotiable,
  wording.investValuable,
  wording.investEstimable,
  wording.investSmall,
  content.projectSingle,
  wording.jiraDuplicate,
] as const satisfies readonly StoryRuleDefinition[]

export type StoryRule = (typeof shipped)[number]['id']
export const storyRules: readonly StoryRule[] = shipped.map(({ id }) => id)
export const storyRule = z.enum(shipped.map(({ id }) => id) as [StoryRule, ...StoryRule[]])

/** How a rule is written down: its parameters, its texts, who mends it. */
export const storyRuleDefinitions = Object.fromEntries(
  shipped.map((rule) => [rule.id, rule]),
  // The keys are those of the list.
) as Readonly<Record<StoryRule, StoryRuleDefinition>>

export const ruleMode = z.enum(['block', 'warn', 'off'])
export const ruleLayer = z.enum(['workspace', 'project', 'user'])
export type RuleLayer = z.output<typeof ruleLayer>

/** What one layer says of a rule; what it does not say is left to the layer before it. */
export const ruleSetting = z.object({
  mode: ruleMode.optional(),
  params: z.record(z.string().max(40), z.unknown()).optional(),
  /** Later layers change nothing of this rule. */
  isLocked: z.boolean().optional(),
})
export type RuleSetting = z.output<typeof ruleSetting>

/** A rule as it holds for one story, with who said so. */
export const effectiveRule = z.object({
  rule: storyRule,
  mode: ruleMode,
  params: z.record(z.string(), z.unknown()),
  modeFrom: z.enum(['default', ...ruleLayer.options]),
  /** For each parameter. */
  paramsFrom: z.record(z.string(), z.enum(['default', ...ruleLayer.options])),
  lockedBy: ruleLayer.optional(),
})
export type EffectiveRule = z.output<typeof effectiveRule>

/** What the layers say, by rule. */
export type RuleSettings = Readonly<
  Partial<Record<RuleLayer, Readonly<Partial<Record<StoryRule, RuleSetting>>>>>
>

/**
 * The rules as they hold: workspace, then project, then the person, each over the one before, until
 * one locks. Parameters that a rule no longer takes are left out rather than refused.
 */
export function mergeRuleSettings(settings: RuleSettings): EffectiveRule[] {
  return shipped.map((definition) => effectiveOf(definition, settings))
}

function effectiveOf(definition: (typeof shipped)[number], settings: RuleSettings): EffectiveRule {
  const { id } = definition
  let effective: EffectiveRule = {
    rule: id,
    mode: definition.mode,
    params: { ...definition.readParams({}) },
    modeFrom: 'default',
    paramsFrom: {},
  }
  for (const layer of ruleLayer.options) {
    const said = settings[layer]?.[id]
    if (said === undefined) continue
    effective = laidOver(effective, { definition, said, layer })
    if (said.isLocked === true) return { ...effective, lockedBy: layer }
  }
  return effective
}

type Layer = {
  readonly definition: StoryRuleDefinition
  readonly said: RuleSetting
  readonly layer: RuleLayer
}

function laidOver(before: EffectiveRule, { definition, said, layer }: Layer): EffectiveRule {
  const { mode, params = {} } = said
  const known = Object.entries(params).filter(([name, value]) => {
    const param = definition.params[name]
    return param?.schema.safeParse(value).success === true
  })
  return {
    ...before,
    ...(mode === undefined ? {} : { mode, modeFrom: layer }),
    params: { ...before.params, ...Object.fromEntries(known) },
    paramsFrom: {
      ...before.paramsFrom,
      ...Object.fromEntries(known.map(([name]) => [name, layer])),
    },
  }
}

/** The rules as they are shipped. */
export const defaultRules: readonly EffectiveRule[] = mergeRuleSettings({})

/** The value of a number that a rule takes, such as the most story points. */
export function ruleNumber(
  rules: readonly EffectiveRule[],
  { rule, param }: { readonly rule: StoryRule; readonly param: string },
): number {
  const value = rules.find((one) => one.rule === rule)?.params[param]
  return typeof value === 'number' ? value : 0
}

/**
 * The most story points that a story may have without being split; undefined where that rule is not
 * one that blocks.
 */
export function pointsMaxOf(rules: readonly EffectiveRule[]): number | undefined {
  const isOn = rules.some(({ rule, mode }) => rule === 'points.limit' && mode === 'block')
  return isOn ? ruleNumber(rules, { rule: 'points.limit', param: 'max' }) : undefined
}

export const ruleVerdict = z.enum(['met', 'broken', 'not-applicable', 'unknown'])

const ruleFinding = z.object({
  at: z.string(),
  quote: z.string().optional(),
  child: z.int().optional(),
})

/** What came of one rule for one story. */
export const ruleResult = z.object({
  rule: storyRule,
  mode: z.enum(['block', 'warn']),
  /** `unknown`: what it needs to be told, such as Jira, did not answer. It does not block. */
  verdict: ruleVerdict,
  findings: z.array(ruleFinding),
  params: z.record(z.string(), z.unknown()),
})
export type RuleResult = z.output<typeof ruleResult>

/** Holds a story to the rules that are on; of a split, its parts too. The same on server and page. */
export function checkStory(
  subject: RuleSubject,
  rules: readonly EffectiveRule[] = defaultRules,
): RuleResult[] {
  const { children = [] } = subject
  return rules.flatMap(({ rule, mode, params }) => {
    if (mode === 'off') return []
    const { check } = storyRuleDefinitions[rule]
    const whole = check(subject, params)
    const parts = children.map((story, child) =>
      childAnswer(check({ ...subject, story, children: undefined, isChild: true }, params), child),
    )
    return [{ rule, mode, params, ...verdictOf([whole, ...parts]) }]
  })
}

type Answer = ReturnType<StoryRuleDefinition['check']>

function childAnswer(answer: Answer, child: number): Answer {
  return typeof answer === 'string' ? answer : answer.map((finding) => ({ ...finding, child }))
}

function verdictOf(answers: readonly Answer[]): Pick<RuleResult, 'verdict' | 'findings'> {
  const findings = answers.flatMap((answer): readonly RuleFinding[] =>
    typeof answer === 'string' ? [] : answer,
  )
  if (findings.length > 0) return { verdict: 'broken', findings: [...findings] }
  if (answers.some((answer) => typeof answer !== 'string')) return { verdict: 'met', findings: [] }
  return { verdict: answers.includes('unknown') ? 'unknown' : 'not-applicable', findings: [] }
}

/** The rules that a story breaks and that keep it from being approved, in the order of the panel. */
export function brokenStoryRules(
  subject: RuleSubject,
  rules: readonly EffectiveRule[] = defaultRules,
): StoryRule[] {
  return blockingRules(checkStory(subject, rules))
}

export function blockingRules(results: readonly RuleResult[]): StoryRule[] {
  return results
    .filter(({ mode, verdict }) => mode === 'block' && verdict === 'broken')
    .map(({ rule }) => rule)
}

/** What a rule says, with its parameters, in a language. */
export function ruleWords(
  { rule, params }: Pick<RuleResult, 'rule' | 'params'>,
  asked: { readonly language: Language; readonly of: 'message' | 'fix' },
): string {
  const words: RuleWords = storyRuleDefinitions[rule][asked.of]
  return words[asked.language].replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return typeof value === 'number' || typeof value === 'string' ? String(value) : whole
  })
}

export type StoryFormat = RuleSubject['format']
export type { RuleFinding, RuleMode, RuleSubject } from './story-rule.ts'
