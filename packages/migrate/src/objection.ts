import type { objectionReasons, Sentences } from './objection-texts.ts'

export { objectionReasons, type Sentences } from './objection-texts.ts'

/** Why a plan is refused; the closed list of the migration engine's contract. */
export type ObjectionCode = keyof typeof objectionReasons

export type Language = 'en' | 'he'

/** A kind of objection with its texts; `{name}` stands for a fact of that name. */
export type Reason = { readonly code: ObjectionCode } & { readonly [L in Language]: Sentences }

/** What an objection is about. */
export type Place = {
  /** Id of the migration (its file name without `.sql`); `''` where the whole set is meant. */
  readonly migration: string
  /** 1-based, as in error messages and in the journal. */
  readonly statementNo?: number
  /** Path of the file as it was given, or its name. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based, in characters, not bytes. */
  readonly column?: number
  /** The object in question as SQL would name it, such as `public.documents.project_id`. */
  readonly object?: string
}

/** A refusal as data: it can be stored, sent as JSON, and shown in both languages. */
export type Objection = Place & {
  readonly code: ObjectionCode
  /** The other statement of a conflict: the one that makes, drops or hides the object. */
  readonly other?: Place
  /** English. */
  readonly because: string
  /** English. */
  readonly remedy: string
  readonly hebrew: Sentences
}

/**
 * Makes an objection from a reason and its facts. Every placeholder that has no fact is shown as a
 * dash, so that a missing detail never hides the sentence.
 *
 * @example
 * ```ts
 * objectTo(objectionReasons.drift, { migration: '', object: 'public.users' }, { detail: 'index i is missing' })
 * ```
 */
export function objectTo(reason: Reason, place: Place, facts: Facts = {}): Objection {
  const { other, ...texts } = facts
  const known = { ...place, ...prefixed(other), ...texts }
  const fill = ({ because, remedy }: Sentences): Sentences => ({
    because: fillIn(because, known),
    remedy: fillIn(remedy, known),
  })
  const related = other === undefined ? {} : { other }
  return { code: reason.code, ...place, ...related, ...fill(reason.en), hebrew: fill(reason.he) }
}

/** Values of placeholders; `other` is a second place, whose parts are `{otherFile}` and so on. */
export type Facts = {
  readonly other?: Place
  readonly [name: string]: string | number | Place | undefined
}

function prefixed(other: Place | undefined): Record<string, string | number> {
  const parts = Object.entries(other ?? {})
  return Object.fromEntries(
    parts.map(([name, value]) => [`other${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  )
}

function fillIn(text: string, facts: Readonly<Record<string, unknown>>) {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = facts[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '–'
  })
}

/** The sentences of an objection in a language. */
export function sentencesOf(objection: Objection, language: Language): Sentences {
  return language === 'he' ? objection.hebrew : objection
}

/** One objection as lines of plain text: place, what is wrong, what to do. */
export function describeObjection(objection: Objection, language: Language = 'en'): string {
  const { because, remedy } = sentencesOf(objection, language)
  return `${placeOf(objection)}${objection.code}: ${because}\n  → ${remedy}`
}

/** `file:line:column: `, as editors and terminals understand it; `''` where nothing is known. */
function placeOf({ file, migration, line, column }: Place): string {
  const name = file ?? migration
  if (name === '') return ''
  return `${[name, line, column].filter((part) => part !== undefined).join(':')}: `
}
