import type { AlterTableCmd } from 'libpg-query'
import type { Observation } from '../shadow/replay.ts'
import type { Node } from '../text/parser.ts'
import {
  columnDefOf,
  columnConstraints,
  commandsOf,
  constraintsOf,
  functionsIn,
  rangeName,
  typeNamesOf,
} from './tree.ts'

type Effects = Pick<Observation, 'rewrites' | 'scans'>

const nothing: Effects = { rewrites: [], scans: [] }

/**
 * What section 6 of PostgreSQL's lock facts says about a statement from its text alone, for plans
 * that no shadow could try. Where the text does not tell, the worse is assumed.
 */
export function guessEffects(node: Node, table: string): Effects {
  const [tag = ''] = Object.keys(node)
  if (table === '') return nothing
  const rewritten = (cause: Observation['rewrites'][number]['cause']): Effects => ({
    rewrites: [{ relation: table, cause }],
    scans: cause === 'rewrite' ? [table] : [],
  })
  if ('AlterTableStmt' in node) return guessAlter(node, table)
  if ('VacuumStmt' in node) return isFull(node) ? rewritten('rewrite') : nothing
  if (tag === 'ClusterStmt') return rewritten('rewrite')
  if (tag === 'TruncateStmt') return rewritten('truncate')
  if (tag === 'RefreshMatViewStmt') return rewritten('refresh')
  if (scanning.has(tag)) return { rewrites: [], scans: [table] }
  return nothing
}

const scanning: ReadonlySet<string> = new Set([
  'IndexStmt',
  'ReindexStmt',
  'UpdateStmt',
  'DeleteStmt',
])

const isFull = (node: Node) => JSON.stringify(node).includes('"defname":"full"')

function guessAlter(node: Node, table: string): Effects {
  const commands = commandsOf(node)
  const rewrites = commands.some(writesAnew)
  const attached = commands.flatMap(({ subtype, def }) =>
    subtype === 'AT_AttachPartition' && def !== undefined && 'PartitionCmd' in def
      ? [def.PartitionCmd.name]
      : [],
  )
  const scans = [
    ...(rewrites || commands.some(readsAll) ? [table] : []),
    ...attached.flatMap((name) => (name === undefined ? [] : [rangeName(name)])),
  ]
  return { rewrites: rewrites ? [{ relation: table, cause: 'rewrite' }] : [], scans }
}

const rewritingCommands: ReadonlySet<string> = new Set([
  'AT_AlterColumnType',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
])

function writesAnew(command: AlterTableCmd): boolean {
  if (rewritingCommands.has(command.subtype ?? '')) return true
  return command.subtype === 'AT_AddColumn' && fillsEachRow(command) !== undefined
}

function readsAll(command: AlterTableCmd): boolean {
  const { subtype } = command
  if (subtype === 'AT_SetNotNull' || subtype === 'AT_ValidateConstraint') return true
  if (subtype === 'AT_AddColumn')
    return constraintsOf(command).some(({ contype = '' }) => checksNewColumn.has(contype))
  if (subtype !== 'AT_AddConstraint') return false
  return constraintsOf(command).some(
    ({ indexname, skip_validation }) => skip_validation !== true && (indexname ?? '') === '',
  )
}

const checksNewColumn: ReadonlySet<string> = new Set([
  'CONSTR_CHECK',
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
])

/** Functions of PostgreSQL and its usual extensions that give another value on every call. */
const volatile =
  /^(clock_timestamp|gen_random_\w+|random\w*|uuid_generate_\w+|uuidv[47]|nextval|timeofday|nanoid|setseed)$/

/** Why each row of a new column has a value of its own; undefined where it has not. */
export function fillsEachRow(command: AlterTableCmd): string | undefined {
  const column = columnDefOf(command)
  const serial = typeNamesOf(column).find((name) => /^(small|big)?serial[248]?$/.test(name))
  if (serial !== undefined) return serial
  for (const { contype, raw_expr: expression, generated_kind: kind } of columnConstraints(column)) {
    if (contype === 'CONSTR_IDENTITY') return 'identity'
    if (contype === 'CONSTR_GENERATED' && kind !== 'v') return 'generated … stored'
    const found = contype === 'CONSTR_DEFAULT' ? functionsIn(expression) : []
    const call = found.find((name) => volatile.test(name))
    if (call !== undefined) return `${call}()`
  }
  return undefined
}
