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
export function objectTo(
  reason: Reason,
  place: Place,
  facts: Readonly<Record<string, string | number>> = {},
): Objection {
  const known = { ...place, ...facts }
  const fill = ({ because, remedy }: Sentences): Sentences => ({
    because: fillIn(because, known),
    remedy: fillIn(remedy, known),
  })
  return { code: reason.code, ...place, ...fill(reason.en), hebrew: fill(reason.he) }
}

function fillIn(text: string, facts: Readonly<Record<string, string | number | undefined>>) {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? '–'))
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
