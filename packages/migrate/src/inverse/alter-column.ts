import type { Fact } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { identitySql, notNullSql, storageOptions, type Schema } from './create-sql.ts'
import { listOf, parentOf, settingOf, textOf } from './object-words.ts'

/** Makes a column of a table what it is in another state. Its place among the others stays. */
export function alterColumn(current: Fact, target: Fact, schema: Schema): string[] {
  if (target.values['of'] !== undefined) return viewColumn(current, target)
  const head = `alter table ${parentOf(target)} alter column ${quoteName(target.name)}`
  return [
    ...identity(current, target, { head, schema }),
    ...expression(current, target, head),
    ...type(current, target, head),
    ...filled(current, target, head),
    ...required(current, target, { head, schema }),
    ...storage(current, target, head),
  ]
}

/** Whether only a new column can be what is wanted: nothing turns a plain one into a computed one. */
export function needsNewColumn(current: Fact, target: Fact): boolean {
  const [from, to] = [current.values['generated'], target.values['generated']]
  if (from === to) return false
  // DROP EXPRESSION leaves the stored values behind; of a virtual column nothing is stored.
  return !(from === 'stored' && to === undefined)
}

function differs(current: Fact, target: Fact, ...fields: readonly string[]): boolean {
  const read = (fact: Fact, field: string) =>
    JSON.stringify(fact.values[field] ?? fact.details[field] ?? null)
  return fields.some((field) => read(current, field) !== read(target, field))
}

/** What else to try where two types have no cast: every type has one to text and is read from it. */
export function throughText(statement: string): string | undefined {
  const through = statement.replace(
    /( using (?:"(?:[^"]|"")*"|[^\s":]+))::(?!text::)/,
    '$1::text::',
  )
  return through === statement ? undefined : through
}

/** Views have nothing of their own but a default that INSERT uses. */
function viewColumn(current: Fact, target: Fact): string[] {
  if (!differs(current, target, 'default')) return []
  const head = `alter table ${parentOf(target)} alter column ${quoteName(target.name)}`
  const text = textOf(target.values['default'])
  return [text === '' ? `${head} drop default` : `${head} set default ${text}`]
}

type Context = { readonly head: string; readonly schema: Schema }

function identity(current: Fact, target: Fact, { head, schema }: Context): string[] {
  const [from, to] = [current.values['identity'], target.values['identity']]
  if (from === to) return []
  if (to === undefined) return [`${head} drop identity`]
  if (from !== undefined) return [`${head} set generated ${textOf(to)}`]
  const demand = current.values['notNull'] === true ? [] : [`${head} set not null`]
  const plain = current.values['default'] === undefined ? [] : [`${head} drop default`]
  return [...demand, ...plain, `${head} add ${identitySql(target, schema)}`]
}

function expression(current: Fact, target: Fact, head: string): string[] {
  const [from, to] = [current.values['generated'], target.values['generated']]
  if (from !== undefined && to === undefined) return [`${head} drop expression`]
  if (from === undefined || !differs(current, target, 'default')) return []
  return [`${head} set expression as (${textOf(target.values['default'])})`]
}

function type(current: Fact, target: Fact, head: string): string[] {
  if (!differs(current, target, 'type', 'collation')) return []
  const to = textOf(target.values['type'])
  const collation = textOf(target.values['collation'])
  const statement = `${head} type ${to}${collation === '' ? '' : ` collate ${collation}`}`
  if (target.values['generated'] !== undefined) return [statement]
  // A default is converted like the values, which not every pair of types allows.
  const drop = current.values['default'] === undefined ? [] : [`${head} drop default`]
  const using =
    current.values['type'] === target.values['type']
      ? ''
      : ` using ${quoteName(target.name)}::${to}`
  return [...drop, `${statement}${using}`]
}

function filled(current: Fact, target: Fact, head: string): string[] {
  if (target.values['generated'] !== undefined) return []
  const to = textOf(target.values['default'])
  const wasDropped = differs(current, target, 'type', 'collation')
  if (!wasDropped && !differs(current, target, 'default')) return []
  if (to !== '') return [`${head} set default ${to}`]
  const isGone = wasDropped || current.values['generated'] !== undefined
  return isGone ||
    current.values['default'] === undefined ||
    target.values['identity'] !== undefined
    ? []
    : [`${head} drop default`]
}

function required(current: Fact, target: Fact, { head, schema }: Context): string[] {
  const [from, to] = [current.values['notNull'] === true, target.values['notNull'] === true]
  const table = `alter table ${parentOf(target)}`
  if (from && !to) return target.values['identity'] === undefined ? [`${head} drop not null`] : []
  const name = textOf(target.details['notNullName'])
  if (schema.major < 18 || name === '') return !from && to ? [`${head} set not null`] : []
  const added = `${table} add ${namedNotNull(target, schema)}`
  if (!from && to) return [added]
  return renamedNotNull(current, target, { table, added })
}

function namedNotNull(target: Fact, schema: Schema): string {
  const [, constraint = '', rest = ''] =
    /^(constraint (?:"(?:[^"]|"")*"|\S+) )?not null(.*)$/.exec(notNullSql(target, schema.major)) ??
    []
  const unchecked = target.values['notNullUnchecked'] === true ? ' not valid' : ''
  return `${constraint}not null ${quoteName(target.name)}${rest}${unchecked}`
}

function renamedNotNull(
  current: Fact,
  target: Fact,
  { table, added }: { readonly table: string; readonly added: string },
): string[] {
  const [from, to] = [textOf(current.details['notNullName']), textOf(target.details['notNullName'])]
  if (from === '') return []
  if (target.values['notNullUnchecked'] === true && differs(current, target, 'notNullUnchecked'))
    return [`${table} drop constraint ${quoteName(from)}`, added]
  return [
    ...(from === to ? [] : [`${table} rename constraint ${quoteName(from)} to ${quoteName(to)}`]),
    ...(differs(current, target, 'notNullUnchecked')
      ? [`${table} validate constraint ${quoteName(to)}`]
      : []),
    ...(differs(current, target, 'notNullNoInherit')
      ? [
          `${table} alter constraint ${quoteName(to)} ${
            target.details['notNullNoInherit'] === true ? 'no inherit' : 'inherit'
          }`,
        ]
      : []),
  ]
}

function storage(current: Fact, target: Fact, head: string): string[] {
  const settings = (field: string, statement: (value: string) => string, absent: string) =>
    differs(current, target, field)
      ? [`${head} ${statement(settingOf(target.details[field], absent))}`]
      : []
  return [
    ...settings('storage', (value) => `set storage ${value}`, 'default'),
    ...settings('compression', (value) => `set compression ${value}`, 'default'),
    ...settings('statistics', (value) => `set statistics ${value}`, '-1'),
    ...optionChanges(current, target).map((change) => `${head} ${change}`),
  ]
}

/** SET and RESET of storage parameters. */
export function optionChanges(
  current: Fact,
  target: Fact,
  { field = 'options', prefix = '' }: { readonly field?: string; readonly prefix?: string } = {},
): string[] {
  const [from, to] = [listOf(current.values[field]), listOf(target.values[field])]
  const names = (options: readonly string[]) => options.map((option) => option.split('=')[0] ?? '')
  const gone = names(from).filter((name) => !names(to).includes(name))
  const set = to.filter((option) => !from.includes(option))
  return [
    ...(gone.length === 0
      ? []
      : [`reset (${gone.map((name) => prefix + quoteName(name)).join(', ')})`]),
    ...(set.length === 0 ? [] : [`set (${storageOptions(set, prefix)})`]),
  ]
}
