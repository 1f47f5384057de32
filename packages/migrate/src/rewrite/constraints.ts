import type { AlterTableCmd } from 'libpg-query'
import { deparseSync } from 'pgsql-deparser'
import type { Fact } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { commandsOf, constraintsOf } from '../lint/tree.ts'
import type { Node, Parser } from '../text/parser.ts'
import { concurrently } from './indexes.ts'
import { becameRequired, requireInSteps } from './not-null.ts'
import { addedTo, isPlainTable, type Rewritable, type Step, textOf } from './rewritable.ts'

/** Commands that cost a moment and on whose place among the others nothing depends. */
const harmless: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_ColumnDefault',
  'AT_DropNotNull',
  'AT_DropConstraint',
  'AT_SetStatistics',
  'AT_SetRelOptions',
])

/**
 * ALTER TABLE that adds rules to rows which are there: the rule first and for new rows only, the look
 * at the old ones in a transaction that lets everybody go on.
 */
export function addRules(rewritable: Rewritable, parser: Parser): readonly Step[] | undefined {
  const { scene } = rewritable
  const { node, table } = scene
  const commands = commandsOf(node)
  const ruling = commands.filter(addsRule)
  const rest = commands.filter((command) => !addsRule(command))
  if (ruling.length === 0 || !scene.existedTable(table)) return undefined
  if (!isPlainTable(rewritable, table) || !rest.every(isHarmless)) return undefined
  const kept = rest.length === 0 ? [] : without(node, rest, parser)
  const steps = stepsFor(rewritable, ruling.length)
  return kept === undefined || steps === undefined ? undefined : [...kept, ...steps]
}

const isHarmless = (command: AlterTableCmd) =>
  harmless.has(command.subtype ?? '') &&
  (command.subtype !== 'AT_AddColumn' ||
    constraintsOf(command).every(({ contype }) => contype === 'CONSTR_DEFAULT'))

const ruleKinds: ReadonlySet<string> = new Set([
  'CONSTR_FOREIGN',
  'CONSTR_CHECK',
  'CONSTR_UNIQUE',
  'CONSTR_PRIMARY',
  'CONSTR_NOTNULL',
])

function addsRule(command: AlterTableCmd): boolean {
  const { subtype } = command
  if (subtype === 'AT_SetNotNull') return true
  return (
    subtype === 'AT_AddConstraint' &&
    constraintsOf(command).every(
      ({ contype = '', skip_validation, indexname }) =>
        ruleKinds.has(contype) && skip_validation !== true && (indexname ?? '') === '',
    )
  )
}

/** The statement with some of its commands only; undefined where it could not be written as meant. */
function without(
  node: Node,
  cmds: readonly AlterTableCmd[],
  parser: Parser,
): readonly Step[] | undefined {
  if (!('AlterTableStmt' in node)) return undefined
  const wanted = cmds.map((AlterTableCmd) => ({ AlterTableCmd }))
  const tree = { AlterTableStmt: { ...node.AlterTableStmt, cmds: wanted } }
  const text = deparseSync(tree as never, { pretty: false })
  const parsed = parser.parse(text)
  const [written] = parsed.kind === 'parsed' ? parsed.statements : []
  if (written?.stmt === undefined || placeless(written.stmt) !== placeless(tree)) return undefined
  return [{ text, txClass: 'tx' }]
}

/** A tree as text without the places of its parts. */
function placeless(tree: unknown): string {
  return JSON.stringify(tree, (key, value: unknown) =>
    key === 'location' || key.endsWith('_location') ? undefined : value,
  )
}

/** What came of the statement says more about it than its text: names, columns, operators. */
function stepsFor(rewritable: Rewritable, rules: number): readonly Step[] | undefined {
  const { table } = rewritable.scene
  const constraints = addedTo(rewritable, 'constraint', table)
  const isOdd = constraints.some(
    ({ values }) =>
      values['partOf'] !== undefined ||
      values['notEnforced'] === true ||
      textOf(values['definition']).includes('WITHOUT OVERLAPS'),
  )
  if (isOdd) return undefined
  const indexes = new Map(addedTo(rewritable, 'index', table).map((index) => [index.name, index]))
  const required = becameRequired(rewritable, table)
  // Something was there already, or came about otherwise than by a rule of its own.
  if (constraints.length + required.length < rules) return undefined
  const ofType = (type: string) => constraints.filter(({ values }) => values['type'] === type)
  return [
    ...required.flatMap((column) => requireInSteps(rewritable, column)),
    ...[...ofType('unique'), ...ofType('primary key')].flatMap((key) => uniqueSteps(key, indexes)),
    ...[...ofType('check'), ...ofType('foreign key')].flatMap((rule) => validated(rule, table)),
  ]
}

function uniqueSteps(key: Fact, indexes: ReadonlyMap<string, Fact>): readonly Step[] {
  const name = quoteName(key.name)
  const [table] = [nameOf(key).slice(0, -name.length - 1)]
  const definition = textOf(key.values['definition'])
  const deferrable = / (DEFERRABLE.*)$/.exec(definition)?.[1] ?? ''
  const kind = key.values['type'] === 'primary key' ? 'primary key' : 'unique'
  return [
    {
      text: concurrently(textOf(indexes.get(key.name)?.values['definition'])),
      txClass: 'alone',
    },
    {
      text: `alter table ${table} add constraint ${name} ${kind} using index ${name} ${deferrable}`.trim(),
      txClass: 'tx',
      boundary: true,
    },
  ]
}

function validated(rule: Fact, table: string): readonly Step[] {
  const name = quoteName(rule.name)
  const definition = textOf(rule.values['definition'])
  return [
    {
      text: `alter table ${table} add constraint ${name} ${definition} not valid`,
      txClass: 'tx',
      boundary: true,
    },
    { text: `alter table ${table} validate constraint ${name}`, txClass: 'tx', boundary: true },
  ]
}
