import { allowedText, type FormField, formFieldOf } from './jira-create-form.ts'
import type { JiraFailure } from './jira-error.ts'

export type RefusalReason = 'required' | 'not-on-screen' | 'invalid' | 'not-permitted'

export type RefusedField = {
  readonly field: FormField
  readonly reason: RefusalReason
  /** Jira's own words, in the language of its user. */
  readonly words: string
}

type Sent = {
  /** What was sent, by field id. */
  readonly fields: Readonly<Record<string, unknown>>
  /** What is known of the fields, from any screen or from the list of all. */
  readonly known: readonly FormField[]
  /** Ids of the create screen; undefined where Jira does not tell. */
  readonly screen: ReadonlySet<string> | undefined
}

/**
 * Which fields Jira refused and why. The reason is told by what was sent, since Jira's words are in
 * the language of its user; only where that is not enough its English and Hebrew words are read.
 */
export function refusedFields(
  { fields: errors }: Pick<JiraFailure, 'fields'>,
  sent: Sent,
): RefusedField[] {
  return Object.entries(errors).map(([id, words]) => ({
    field: sent.known.find((one) => one.id === id) ?? formFieldOf({ id, name: id, type: 'string' }),
    reason: reasonOf({ id, words }, sent),
    words,
  }))
}

const notOnScreen = /cannot be set|not on the appropriate screen|unknown\.?$|לא ניתן להגדיר/i
const required = /is required|required\.?$|you must specify|נדרש|חובה/i
const permission = /permission|not allowed to create|הרשאה/i

function reasonOf(
  { id, words }: { readonly id: string; readonly words: string },
  { fields, screen }: Sent,
): RefusalReason {
  if (id === 'project' || permission.test(words)) return 'not-permitted'
  if (!(id in fields)) return 'required'
  if (required.test(words)) return 'required'
  const isElsewhere = screen !== undefined && !screen.has(id)
  return isElsewhere || notOnScreen.test(words) ? 'not-on-screen' : 'invalid'
}

const order: readonly RefusalReason[] = ['not-permitted', 'required', 'not-on-screen', 'invalid']

export type ExplainedRefusal = {
  readonly reason: RefusalReason
  /** Names of the fields with this reason. */
  readonly fields: string
  /** What each of them may hold. */
  readonly values: string
  /** Jira's words about all of them. */
  readonly words: string
}

/** The first thing that stands in the way, with all fields of which it is true. Undefined: no field was named. */
export function explainRefusal(refused: readonly RefusedField[]): ExplainedRefusal | undefined {
  const reason = order.find((one) => refused.some((each) => each.reason === one))
  if (reason === undefined) return undefined
  const concerned = refused.filter((each) => each.reason === reason)
  return {
    reason,
    fields: concerned.map(({ field }) => field.name).join(', '),
    values: concerned.map(({ field }) => `${field.name}: ${allowedText(field)}`).join('; '),
    words: refused.map(({ words }) => words).join(' · '),
  }
}
