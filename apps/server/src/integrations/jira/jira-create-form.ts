import type { JiraFieldKind } from '@studioops/contracts/stories'
import { toJiraText } from './jira-description.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { toJiraTime } from './jira-issues.ts'

export type FormOption = { readonly id: string; readonly label: string }

/** A field of a create screen as a person can fill it in. */
export type FormField = {
  readonly id: string
  readonly name: string
  readonly kind: JiraFieldKind
  /** Of choices; a cascade's have what follows from them. */
  readonly options?: readonly (FormOption & { readonly children?: readonly FormOption[] })[]
  /** How the value is sent: `id` in an object, a bare text, a bare number. */
  readonly sends: 'id' | 'text' | 'number'
  /** What Jira calls a choice that was typed. */
  readonly typedAs: 'name' | 'value'
}

/** A field of the create metadata, from whichever source. */
export type DescribedField = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly items?: string | undefined
  readonly system?: string | undefined
  readonly custom?: string | undefined
  readonly allowedValues?: readonly DescribedChoice[] | undefined
}

type DescribedChoice = {
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly children?: readonly DescribedChoice[] | undefined
}

type Form = Pick<FormField, 'kind'> & Partial<Pick<FormField, 'sends'>>

/** By the last part of the plugin's name for the type: it says more than the schema's type. */
const byCustom: Readonly<Record<string, Form>> = {
  textarea: { kind: 'long-text' },
  url: { kind: 'url' },
  cascadingselect: { kind: 'cascade' },
  labels: { kind: 'labels' },
  'gh-epic-label': { kind: 'text' },
  'gh-epic-link': { kind: 'issue' },
  'gh-sprint': { kind: 'choice', sends: 'number' },
  'rm-teams-custom-field-team': { kind: 'choice', sends: 'text' },
  'atlassian-team': { kind: 'choice', sends: 'text' },
}

const bySystem: Readonly<Record<string, Form>> = {
  environment: { kind: 'long-text' },
  description: { kind: 'long-text' },
  labels: { kind: 'labels' },
}

const byType: Readonly<Record<string, Form>> = {
  string: { kind: 'text' },
  number: { kind: 'number' },
  date: { kind: 'date' },
  datetime: { kind: 'datetime' },
  user: { kind: 'user' },
  group: { kind: 'group' },
  option: { kind: 'choice' },
  'option-with-child': { kind: 'cascade' },
  priority: { kind: 'choice' },
  resolution: { kind: 'choice' },
  securitylevel: { kind: 'choice' },
  version: { kind: 'choice' },
  component: { kind: 'choice' },
  team: { kind: 'choice', sends: 'text' },
  issuelink: { kind: 'issue' },
}

const choicesForm: Form = { kind: 'choices' }

const listForms: Readonly<Record<string, Form>> = {
  user: { kind: 'users' },
  group: { kind: 'groups' },
  string: { kind: 'labels' },
}

function formOf(field: DescribedField): Form {
  const known = byPlugin(field)
  if (known !== undefined) return known
  const hasChoices = field.allowedValues !== undefined
  if (field.type !== 'array') return byType[field.type] ?? { kind: hasChoices ? 'choice' : 'text' }
  return hasChoices ? choicesForm : (listForms[field.items ?? ''] ?? choicesForm)
}

function byPlugin({ custom = '', system = '' }: DescribedField): Form | undefined {
  return byCustom[custom.slice(custom.indexOf(':') + 1)] ?? bySystem[system]
}

/** What a person has to be asked for a field. Choices that nobody offers are asked as text. */
export function formFieldOf(field: DescribedField): FormField {
  const { kind, sends = 'id' } = formOf(field)
  const options = field.allowedValues?.flatMap(toOption)
  const isChoice = ['choice', 'choices', 'cascade'].includes(kind)
  return {
    id: field.id,
    name: field.name,
    kind,
    sends,
    typedAs: optionTypes.has(field.type) || optionTypes.has(field.items ?? '') ? 'value' : 'name',
    ...(isChoice && options !== undefined && options.length > 0 ? { options } : {}),
  }
}

const optionTypes: ReadonlySet<string> = new Set(['option', 'option-with-child'])

type Option = NonNullable<FormField['options']>[number]

function toOption({ id, name, children }: DescribedChoice): Option[] {
  if (id === undefined) return []
  const following = children?.flatMap(toOption) ?? []
  return [{ id, label: name ?? id, ...(following.length === 0 ? {} : { children: following }) }]
}

export type ValueProblem = 'missing' | 'not-a-choice' | 'malformed' | 'too-long'

const singleTextMax = 255
const longTextMax = 32_767

const patterns: Partial<Record<JiraFieldKind, RegExp>> = {
  number: /^-?\d+([.,]\d+)?$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  datetime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/,
  url: /^(https?|ftp):\/\/\S+$/,
  issue: /^[A-Z][A-Z0-9_]+-\d+$/,
  labels: /^\S+$/,
}

/** @param values one text each; of a cascade the choice and what follows from it */
export function problemOf(field: FormField, values: readonly string[]): ValueProblem | undefined {
  const given = values.map((value) => value.trim()).filter((value) => value !== '')
  if (given.length === 0) return 'missing'
  if (
    given.some((value) => value.length > (field.kind === 'long-text' ? longTextMax : singleTextMax))
  )
    return 'too-long'
  const { options, kind } = field
  if (options !== undefined) return isAmong(options, field, given) ? undefined : 'not-a-choice'
  const pattern = patterns[kind]
  return pattern !== undefined && given.some((value) => !pattern.test(value))
    ? 'malformed'
    : undefined
}

function isAmong(
  options: NonNullable<FormField['options']>,
  { kind }: FormField,
  given: readonly string[],
): boolean {
  if (kind !== 'cascade') return given.every((value) => options.some(({ id }) => id === value))
  const [parent, child] = given
  const chosen = options.find(({ id }) => id === parent)
  if (chosen === undefined) return false
  return child === undefined || (chosen.children?.some(({ id }) => id === child) ?? false)
}

type Sender = (values: readonly string[], field: FormField, flavour: JiraFlavour) => unknown

const person = (id: string, flavour: JiraFlavour) => (flavour === 'cloud' ? { id } : { name: id })

/** A choice that came with its own list is sent by its id; one that was typed, by its name. */
function choice(value: string, { options, sends, typedAs }: FormField): unknown {
  if (sends === 'text') return value
  if (sends === 'number') return Number(value)
  return options === undefined ? { [typedAs]: value } : { id: value }
}

const named = (value: string, { options, typedAs }: FormField) =>
  options === undefined ? { [typedAs]: value } : { id: value }

const senders: Readonly<Record<JiraFieldKind, Sender>> = {
  text: ([value = '']) => value,
  url: ([value = '']) => value,
  'long-text': ([value = ''], _field, flavour) => toJiraText(value, flavour),
  number: ([value = '']) => Number(value.replace(',', '.')),
  date: ([value = '']) => value,
  datetime: ([value = '']) => toJiraTime(value),
  choice: ([value = ''], field) => choice(value, field),
  choices: (values, field) => values.map((value) => choice(value, field)),
  cascade: ([parent = '', child], field) => ({
    ...named(parent, field),
    ...(child === undefined ? {} : { child: named(child, field) }),
  }),
  user: ([value = ''], _field, flavour) => person(value, flavour),
  users: (values, _field, flavour) => values.map((value) => person(value, flavour)),
  group: ([value = '']) => ({ name: value }),
  groups: (values) => values.map((name) => ({ name })),
  labels: (values) => values,
  issue: ([value = ''], { id }) => (id === 'parent' ? { key: value } : value),
}

/** The value as Jira wants it in a create. */
export function toJiraValue(
  field: FormField,
  values: readonly string[],
  flavour: JiraFlavour,
): unknown {
  const given = values.map((value) => value.trim()).filter((value) => value !== '')
  return senders[field.kind](given, field, flavour)
}

const examples: Partial<Record<JiraFieldKind, string>> = {
  number: '1, 2.5',
  date: '2026-11-22',
  datetime: '2026-11-22T10:00',
  url: 'https://example.com',
  issue: 'PAY-1',
}
const namedMax = 20

/** What may be filled in, in words that need no translation. */
export function allowedText({ options, kind }: FormField): string {
  if (options === undefined) return examples[kind] ?? '…'
  const named = options.slice(0, namedMax).map(({ label, children }) => {
    const following = children?.map((child) => child.label).join(' / ')
    return following === undefined ? label : `${label} (${following})`
  })
  return options.length > namedMax ? `${named.join(', ')}, …` : named.join(', ')
}
