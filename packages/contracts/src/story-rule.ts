import { z } from 'zod'
import { limits } from './limits.ts'
import type { StoryContent } from './story-content.ts'

/** One text in both languages of the product. `{name}` stands for a parameter or a fact. */
export type RuleWords = { readonly en: string; readonly he: string }

/** What a rule looks at. What only the server knows is absent in the browser. */
export type RuleSubject = {
  readonly story: StoryContent
  readonly format: 'classic' | 'bdd' | 'custom'
  readonly language: 'en' | 'he'
  readonly projectKey?: string | undefined
  /** The stories that it was cut into; the size of the whole is then no matter of its own. */
  readonly children?: readonly StoryContent[] | undefined
  /** True for one of these. */
  readonly isChild?: boolean | undefined
  /** Sections that its custom template wants filled in. */
  readonly wantedSections?: readonly { readonly key: string; readonly title: string }[] | undefined
  /** What Jira has already; absent where it was not asked or could not answer. */
  readonly duplicates?: readonly { readonly key: string; readonly summary: string }[] | undefined
}

/** One place that breaks a rule. */
export type RuleFinding = {
  /** A path in the story, such as `summary`, `acceptanceCriteria.2` or `stlcNotes.data`. */
  readonly at: string
  /** The words that break it, as they stand there. */
  readonly quote?: string | undefined
  /** Of a split: which child, from 0. */
  readonly child?: number | undefined
}

type NumberParam = {
  readonly kind: 'number'
  readonly label: RuleWords
  readonly min: number
  readonly max: number
  readonly schema: z.ZodDefault<z.ZodNumber>
}
type WordsParam = {
  readonly kind: 'words'
  readonly label: RuleWords
  readonly schema: z.ZodDefault<z.ZodArray<z.ZodString>>
}
type ChoicesParam = {
  readonly kind: 'choices'
  readonly label: RuleWords
  readonly options: readonly { readonly value: string; readonly label: RuleWords }[]
  readonly schema: z.ZodDefault<z.ZodArray<z.ZodString>>
}
/** How one parameter is checked, and how a form asks for it. */
export type RuleParam = NumberParam | WordsParam | ChoicesParam

export function numberParam(given: {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly label: RuleWords
}): NumberParam {
  const { default: preset, min, max, label } = given
  return { kind: 'number', label, min, max, schema: z.number().min(min).max(max).default(preset) }
}

const word = z.string().trim().min(1).max(100)

export function wordsParam(given: {
  readonly default: readonly string[]
  readonly label: RuleWords
}): WordsParam {
  const schema = z
    .array(word)
    .max(limits.ruleWordsMax)
    .default([...given.default])
  return { kind: 'words', label: given.label, schema }
}

export function choicesParam(given: {
  readonly default: readonly string[]
  readonly options: ChoicesParam['options']
  readonly label: RuleWords
}): ChoicesParam {
  const { options, label } = given
  const known = new Set(options.map(({ value }) => value))
  const schema = z
    .array(z.string().refine((value) => known.has(value)))
    .max(options.length)
    .default([...given.default])
  return { kind: 'choices', label, options, schema }
}

type ValuesOf<P> = {
  readonly [K in keyof P]: P[K] extends { readonly schema: infer S extends z.ZodType }
    ? z.output<S>
    : never
}

/** `unknown`: what it needs was not there to be asked. */
export type RuleAnswer = readonly RuleFinding[] | 'not-applicable' | 'unknown'

export type RuleMode = 'block' | 'warn' | 'off'

export type RuleGroup = 'summary' | 'content' | 'size' | 'invest' | 'wording' | 'jira'

/** A rule as it is written down. */
export type StoryRuleSource<Id extends string, P extends Readonly<Record<string, RuleParam>>> = {
  /** `<what>.<how>`; stays for good: settings and audits name it. */
  readonly id: Id
  readonly group: RuleGroup
  /** `block`: nothing that breaks it may be approved. `warn`: it is told, and no more. */
  readonly mode: RuleMode
  /** Who can mend it: what only a person can is no reason to ask the model again. */
  readonly mendedBy: 'model' | 'person'
  readonly params: P
  /** What has to hold. */
  readonly message: RuleWords
  /** What to do about it. */
  readonly fix: RuleWords
  /** Where it is broken; nothing where it is met. */
  readonly check: (subject: RuleSubject, params: ValuesOf<P>) => RuleAnswer
}

/** A rule as the product uses it. */
export type StoryRuleDefinition<Id extends string = string> = Omit<
  StoryRuleSource<Id, Readonly<Record<string, RuleParam>>>,
  'check'
> & {
  /** Defaults filled in. @throws ZodError for parameters that it does not take */
  readonly readParams: (given: unknown) => Readonly<Record<string, unknown>>
  readonly check: (subject: RuleSubject, params: unknown) => RuleAnswer
}

/**
 * Makes a rule of its parts. To add one: write it with this in one of the files `story-rules-*.ts`
 * and name it in the list of `story-rules.ts`. The form, the prompt of the model, the settings and
 * the approval follow.
 */
export function defineStoryRule<
  const Id extends string,
  const P extends Readonly<Record<string, RuleParam>>,
>(source: StoryRuleSource<Id, P>): StoryRuleDefinition<Id> {
  const shape = Object.fromEntries(
    Object.entries(source.params).map(([name, { schema }]) => [name, schema]),
  )
  const params = z.strictObject(shape)
  const readParams = (given: unknown) => params.parse(given ?? {})
  // The shape is made of these very parameters.
  const check = (subject: RuleSubject, given: unknown) =>
    source.check(subject, readParams(given) as ValuesOf<P>)
  return { ...source, readParams, check }
}

/** Where a text, a list or the whole of nothing stands: findings for the members that fail. */
export function findingsIn(
  texts: readonly string[],
  { at, fails }: { readonly at: string; readonly fails: (text: string, index: number) => boolean },
): RuleFinding[] {
  return texts.flatMap((quote, index) =>
    fails(quote, index) ? [{ at: `${at}.${index}`, quote }] : [],
  )
}
