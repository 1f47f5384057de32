import { stlcSections } from '@studioops/contracts/story-content'
import { Allow, parse } from 'partial-json'

type StlcSection = (typeof stlcSections)[number]

export type PartialScenario = {
  readonly name: string
  readonly given: string
  readonly when: string
  readonly then: string
  /** Of a whole story only: a table is not shown while it grows. */
  readonly examples?:
    | { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
    | undefined
}

/** A story as far as it was written. What has not come yet is `undefined` or missing in a list. */
export type PartialStory = {
  readonly summary: string | undefined
  readonly narrative: {
    readonly asA: string | undefined
    readonly iWant: string | undefined
    readonly soThat: string | undefined
  }
  readonly acceptanceCriteria: readonly string[]
  readonly scenarios: readonly PartialScenario[]
  readonly stlcNotes: Readonly<Record<StlcSection, string | undefined>>
  readonly storyPoints: number | undefined
  readonly sections?:
    | readonly { readonly key: string; readonly title: string; readonly text: string }[]
    | undefined
}

export type PartialReply =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'question' }
  | { readonly kind: 'story'; readonly story: PartialStory }

// Half a number would show 1 where 13 is coming.
const allowed = Allow.STR | Allow.OBJ | Allow.ARR

/**
 * Reads the beginning of a model's reply. Never throws: what cannot be read is `nothing`.
 *
 * @param text JSON text of a `modelReply`, cut anywhere; text around it, such as a code fence, is skipped
 */
export function readPartialReply(text: string): PartialReply {
  const reply = parsed(text)
  if (reply === undefined) return { kind: 'nothing' }
  const kind = reply['kind']
  if (typeof kind === 'string' && kind !== '' && 'clarify'.startsWith(kind))
    return { kind: 'question' }
  return { kind: 'story', story: storyOf(reply) }
}

function storyOf(reply: Fields): PartialStory {
  const narrative = fieldsOf(reply['narrative'])
  const notes = fieldsOf(reply['stlcNotes'])
  const points = reply['storyPoints']
  return {
    summary: textOf(reply['summary']),
    narrative: {
      asA: textOf(narrative['asA']),
      iWant: textOf(narrative['iWant']),
      soThat: textOf(narrative['soThat']),
    },
    acceptanceCriteria: listOf(reply['acceptanceCriteria']).flatMap((item) => textOf(item) ?? []),
    scenarios: listOf(reply['scenarios']).map(scenarioOf),
    stlcNotes: Object.fromEntries(
      stlcSections.map((name) => [name, textOf(notes[name])]),
    ) as PartialStory['stlcNotes'],
    storyPoints: typeof points === 'number' ? points : undefined,
  }
}

function scenarioOf(value: unknown): PartialScenario {
  const fields = fieldsOf(value)
  return {
    name: textOf(fields['name']) ?? '',
    given: textOf(fields['given']) ?? '',
    when: textOf(fields['when']) ?? '',
    // oxlint-disable-next-line unicorn/no-thenable -- A step of a scenario, as the wire calls it; a text is never awaited.
    then: textOf(fields['then']) ?? '',
  }
}

type Fields = Readonly<Record<string, unknown>>

function parsed(text: string): Fields | undefined {
  const start = text.indexOf('{')
  if (start < 0) return undefined
  try {
    const value: unknown = parse(text.slice(start), allowed)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Without the half of a character that the other half has not followed yet. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/[\uD800-\uDBFF]$/, '') : undefined
}
