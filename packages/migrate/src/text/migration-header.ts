import { type Objection, objectTo, type Reason } from '../objection.ts'
import { nearestName } from './nearest.ts'
import type { MigrationHeader } from './source.ts'
import { textReasons } from './text-reasons.ts'

/** How much a header may say that we do not know. */
export type HeaderRules = {
  /**
   * `strict`: unknown keys are objections. `lenient`: only keys that look like a misspelt one of
   * ours. `none`: comments mean nothing (histories of other tools).
   */
  readonly headers?: 'strict' | 'lenient' | 'none'
  /** Whether `why` must be there; default `optional`. */
  readonly why?: 'required' | 'optional'
}

type Place = { readonly migration: string; readonly file: string }
type ReadHeader = { readonly header: MigrationHeader; readonly objections: readonly Objection[] }

const nothing: MigrationHeader = {
  why: '',
  after: undefined,
  type: 'schema_change',
  tx: 'auto',
  needs: [],
  defines: [],
  opaque: false,
  destructive: false,
  commutes: false,
  online: false,
  phase: undefined,
  resume: undefined,
  replaces: [],
}

const identifier = /^(?:"(?:[^"]|"")+"|[^\s",.]+)(?:\.(?:"(?:[^"]|"")+"|[^\s",.]+)){0,2}$/

const oneOf =
  <const Value extends string>(...values: readonly Value[]) =>
  (text: string): Value | undefined =>
    values.find((value) => value === text)
const yes = (text: string): boolean | undefined =>
  text === 'yes' ? true : text === 'no' ? false : undefined
const sentence = (text: string): string | undefined => (text === '' ? undefined : text)
const names = (text: string): readonly string[] | undefined => {
  const list = listOf(text)
  return list.length > 0 && list.every((name) => identifier.test(name)) ? list : undefined
}
const ids = (text: string): readonly string[] | undefined => {
  if (text === 'none') return []
  const list = listOf(text).map((name) => name.replace(/\.sql$/, ''))
  return list.length > 0 && list.every((name) => /^\S+$/.test(name)) ? list : undefined
}

/** Splits at commas outside of double quotes. */
function listOf(text: string): string[] {
  return (text.match(/(?:"(?:[^"]|"")*"|[^",])+/g) ?? [])
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

type Key = keyof MigrationHeader
type Readers = {
  readonly [K in Key]: readonly [(text: string) => MigrationHeader[K] | undefined, expected: string]
}

const readers: Readers = {
  why: [sentence, '<one sentence>'],
  after: [ids, '<ids of migrations, separated by commas, or none>'],
  type: [
    oneOf('schema_change', 'data_migration', 'consolidation'),
    'schema_change | data_migration | consolidation',
  ],
  tx: [oneOf('auto', 'none'), 'auto | none'],
  needs: [names, '<names as in SQL, separated by commas>'],
  defines: [names, '<names as in SQL, separated by commas>'],
  opaque: [yes, 'yes'],
  destructive: [yes, 'yes'],
  commutes: [yes, 'yes'],
  online: [yes, 'yes'],
  phase: [oneOf('expand', 'contract'), 'expand | contract'],
  resume: [oneOf('idempotent'), 'idempotent'],
  replaces: [ids, '<ids of migrations, separated by commas>'],
}
const known = Object.keys(readers)
/** Not a key of the header: lint reads these lines, which may stand above any statement. */
const lintIgnore = 'lint-ignore'
const isKey = (text: string): text is Key => known.includes(text)

type Line = {
  readonly number: number
  readonly key: string
  readonly value: string
  readonly top: boolean
}

/**
 * Reads the comment lines at the very top of a migration: `-- key: value`.
 *
 * @param text with line ends as `\n`
 * @returns the header, with defaults where the file says nothing or something unreadable, and one
 *   objection for each line that cannot be meant
 */
export function parseHeader(text: string, place: Place, rules: HeaderRules = {}): ReadHeader {
  const { headers = 'strict', why = 'optional' } = rules
  if (headers === 'none') return { header: nothing, objections: [] }
  const objections: Objection[] = []
  const found = new Map<string, unknown>()
  for (const line of headerLines(text)) {
    const problem = readLine(line, found, headers === 'strict')
    if (problem === undefined) continue
    const at = { ...place, line: line.number, column: 1 }
    objections.push(
      objectTo(problem.reason, at, { key: line.key, value: line.value, ...problem.facts }),
    )
  }
  if (why === 'required' && !found.has('why'))
    objections.push(objectTo(textReasons.noWhy, { ...place, line: 1, column: 1 }))
  return { header: { ...nothing, ...Object.fromEntries(found) }, objections }
}

type Problem = { readonly reason: Reason; readonly facts?: Readonly<Record<string, string>> }

function readLine(line: Line, found: Map<string, unknown>, strict: boolean): Problem | undefined {
  const { key, value, top } = line
  if (key === lintIgnore) return undefined
  if (!isKey(key)) return top ? unknownKey(key, strict) : undefined
  if (!top) return { reason: textReasons.lateKey }
  if (found.has(key)) return { reason: textReasons.repeatedKey }
  const [read, expected] = readers[key]
  const parsed = read(value)
  if (parsed === undefined) return { reason: textReasons.badValue, facts: { expected } }
  found.set(key, parsed)
  return undefined
}

function unknownKey(key: string, strict: boolean): Problem | undefined {
  const nearest = nearestName(key, known)
  if (!strict && nearest === undefined) return undefined
  return {
    reason: textReasons.unknownKey,
    facts: { known: known.join(', '), ...(nearest === undefined ? {} : { nearest }) },
  }
}

/** Lines `-- key: value` among the comments before the first statement. */
function headerLines(text: string): Line[] {
  const found: Line[] = []
  let top = true
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() !== '' && !line.startsWith('--')) break
    if (line.trim() === '') top = false
    const match = /^--\s*([a-z][a-z_-]*):(?:\s+(.*?))?\s*$/.exec(line)
    if (match !== null)
      found.push({ number: index + 1, key: match[1] ?? '', value: match[2] ?? '', top })
  }
  return found
}
