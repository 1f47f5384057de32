import { type Objection, objectTo } from '../objection.ts'
import { nearestName } from '../text/nearest.ts'
import { consolidateReasons } from './consolidate-reasons.ts'

/** A constant of a spec: goes into a column as its text, into a JSON path as it is. */
export type Constant = string | number | boolean

export type DeleteRule = 'cascade' | 'restrict' | 'set null' | 'set default' | 'no action'

/**
 * What is to become of several tables that say the same. Names of tables are as SQL writes them,
 * with their schema. A place in the target is a column, or `column.key.key` inside a JSON column.
 */
export type ConsolidationSpec = {
  /** Under which the ledger knows it, such as `consolidate-issues`. */
  readonly name: string
  /** One sentence. */
  readonly why: string
  readonly targets: readonly TargetSpec[]
  /** Tables without which it must not go on unless they have no row; they are dropped, too. */
  readonly expectEmpty: readonly string[]
  /** What becomes of rows that refer to a row of a target which is deleted; default: as it was. */
  readonly onDelete: DeleteRule | undefined
  /** Sources that stay, which would be dropped otherwise. */
  readonly keep: readonly string[]
}

export type TargetSpec = {
  readonly table: string
  readonly addColumns: readonly AddedColumn[]
  /** Values of added columns in the rows that the target has already. */
  readonly own: Readonly<Record<string, Constant>>
  readonly sources: readonly SourceSpec[]
}

export type AddedColumn = {
  readonly name: string
  /** As SQL writes it. */
  readonly type: string
  readonly notNull: boolean
  /** SQL expression. */
  readonly default: string | undefined
}

export type SourceSpec = {
  readonly table: string
  /** Columns that the target has under the same name go there, unless `map` says otherwise. */
  readonly direct: boolean
  /** Place in the target by column of the source. */
  readonly map: Readonly<Record<string, string>>
  /** Columns that go into JSON as the text that PostgreSQL writes, not as JSON has their type. */
  readonly asText: readonly string[]
  /** The same in each row, by place in the target. */
  readonly constants: Readonly<Record<string, Constant>>
  /** Columns that nobody needs any more; what is neither mapped nor here stops everything. */
  readonly leave: readonly string[]
}

export type ReadSpec =
  | { readonly kind: 'spec'; readonly spec: ConsolidationSpec }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/**
 * Reads a spec from JSON. Everything that is wrong with it is said at once, each with its place,
 * such as `targets[0].sources[1].map.fix`.
 *
 * @param text of the file
 * @param file for messages
 */
export function readSpec(text: string, file = 'spec.json'): ReadSpec {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { kind: 'refused', objections: [problem({ at: '', file }, detail)] }
  }
  return parseSpec(value, file)
}

/** The same for a value that was read already. */
export function parseSpec(value: unknown, file = 'spec.json'): ReadSpec {
  const reading: Reading = { file, objections: [] }
  const spec = specOf(value, reading)
  return reading.objections.length === 0
    ? { kind: 'spec', spec }
    : { kind: 'refused', objections: reading.objections }
}

type Reading = { readonly file: string; readonly objections: Objection[] }

function problem({ at, file }: { at: string; file: string }, detail: string): Objection {
  const object = at === '' ? file : at
  return objectTo(consolidateReasons.spec, { migration: '', file, object }, { detail })
}

type Read<T> = (value: unknown, at: string, reading: Reading) => T

function specOf(value: unknown, reading: Reading): ConsolidationSpec {
  const field = fieldsOf(value, '', {
    reading,
    known: ['$schema', 'name', 'why', 'targets', 'expectEmpty', 'onDelete', 'keep'],
  })
  return {
    name: field('name', nameOf),
    why: field('why', optional(textOf, '')),
    targets: field('targets', filled(listOf(targetOf))),
    expectEmpty: field('expectEmpty', optional(listOf(tableOf), [])),
    onDelete: field('onDelete', optional(ruleOf, undefined)),
    keep: field('keep', optional(listOf(tableOf), [])),
  }
}

const targetOf: Read<TargetSpec> = (value, at, reading) => {
  const field = fieldsOf(value, at, { reading, known: ['table', 'addColumns', 'own', 'sources'] })
  return {
    table: field('table', tableOf),
    addColumns: field('addColumns', optional(listOf(addedOf), [])),
    own: field('own', optional(recordOf(constantOf), {})),
    sources: field('sources', optional(listOf(sourceOf), [])),
  }
}

const addedOf: Read<AddedColumn> = (value, at, reading) => {
  const field = fieldsOf(value, at, { reading, known: ['name', 'type', 'notNull', 'default'] })
  return {
    name: field('name', textOf),
    type: field('type', textOf),
    notNull: field('notNull', optional(flagOf, false)),
    default: field('default', optional(textOf, undefined)),
  }
}

const sourceOf: Read<SourceSpec> = (value, at, reading) => {
  const known = ['table', 'direct', 'map', 'asText', 'constants', 'leave']
  const field = fieldsOf(value, at, { reading, known })
  return {
    table: field('table', tableOf),
    direct: field('direct', optional(flagOf, false)),
    map: field('map', optional(recordOf(textOf), {})),
    asText: field('asText', optional(listOf(textOf), [])),
    constants: field('constants', optional(recordOf(constantOf), {})),
    leave: field('leave', optional(listOf(textOf), [])),
  }
}

type FieldsOptions = { readonly reading: Reading; readonly known: readonly string[] }

function fieldsOf(value: unknown, at: string, { reading, known }: FieldsOptions) {
  if (!isRecord(value)) say(reading, at, 'an object is expected here')
  const record = isRecord(value) ? value : {}
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue
    const meant = nearestName(name, known)
    const hint = meant === undefined ? `known are ${known.join(', ')}` : `"${meant}" is meant?`
    say(reading, join(at, name), `nobody knows this key; ${hint}`)
  }
  return <T>(name: string, read: Read<T>): T => read(record[name], join(at, name), reading)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function say(reading: Reading, at: string, detail: string): void {
  reading.objections.push(problem({ at, file: reading.file }, detail))
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

function optional<T, Other>(read: Read<T>, other: Other): Read<T | Other> {
  return (value, at, reading) => (value === undefined ? other : read(value, at, reading))
}

function filled<T>(read: Read<readonly T[]>): Read<readonly T[]> {
  return (value, at, reading) => {
    const list = read(value, at, reading)
    if (Array.isArray(value) && list.length === 0) say(reading, at, 'at least one is expected')
    return list
  }
}

function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (value, at, reading) => {
    if (!Array.isArray(value)) {
      say(reading, at, 'a list is expected here')
      return []
    }
    return value.map((item: unknown, index) => read(item, `${at}[${index}]`, reading))
  }
}

function recordOf<T>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, at, reading) => {
    if (!isRecord(value)) {
      say(reading, at, 'an object is expected here')
      return {}
    }
    const entries = Object.entries(value).map(([name, item]): [string, T] => [
      name,
      read(item, join(at, name), reading),
    ])
    return Object.fromEntries(entries)
  }
}

const textOf: Read<string> = (value, at, reading) => {
  if (typeof value === 'string' && value !== '') return value
  say(reading, at, 'a text is expected here')
  return ''
}

const flagOf: Read<boolean> = (value, at, reading) => {
  if (typeof value !== 'boolean') say(reading, at, 'true or false is expected here')
  return value === true
}

const constantOf: Read<Constant> = (value, at, reading) => {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  say(reading, at, 'a text, a number, true or false is expected here')
  return ''
}

const nameOf: Read<string> = (value, at, reading) => {
  const name = textOf(value, at, reading)
  if (name !== '' && !/^[\p{L}\p{N}_-]{1,100}$/u.test(name))
    say(reading, at, 'only letters, digits, - and _ are allowed here, at most 100')
  return name
}

const tableName =
  /^(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\.(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)$/u

const tableOf: Read<string> = (value, at, reading) => {
  const name = textOf(value, at, reading)
  if (name !== '' && !tableName.test(name))
    say(reading, at, 'the name of a table with its schema is expected here, such as public.issues')
  return name
}

const rules: readonly string[] = ['cascade', 'restrict', 'set null', 'set default', 'no action']

const ruleOf: Read<DeleteRule | undefined> = (value, at, reading) => {
  if (typeof value === 'string' && rules.includes(value)) return value as DeleteRule
  say(reading, at, `one of ${rules.join(', ')} is expected here`)
  return undefined
}
