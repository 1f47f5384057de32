import type { AlterTableCmd, ColumnDef, Constraint, RangeVar } from 'libpg-query'
import { quoteName } from '../catalog/identifier.ts'
import type { Node } from '../text/parser.ts'

/** Subcommands of an ALTER TABLE in order; none for every other statement. */
export function commandsOf(node: Node): readonly AlterTableCmd[] {
  if (!('AlterTableStmt' in node)) return []
  return (node.AlterTableStmt.cmds ?? []).flatMap((one) =>
    'AlterTableCmd' in one ? [one.AlterTableCmd] : [],
  )
}

export function commandsNamed(node: Node, ...subtypes: readonly string[]): AlterTableCmd[] {
  return commandsOf(node).filter(({ subtype }) => subtypes.includes(subtype ?? ''))
}

export function columnDefOf({ def }: AlterTableCmd): ColumnDef | undefined {
  return def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined
}

/** Constraints that a command adds: a table's own, and those of a new column. */
export function constraintsOf(command: AlterTableCmd): readonly Constraint[] {
  const { def } = command
  if (def !== undefined && 'Constraint' in def) return [def.Constraint]
  return columnConstraints(columnDefOf(command))
}

export function columnConstraints(column: ColumnDef | undefined): readonly Constraint[] {
  return (column?.constraints ?? []).flatMap((one) => ('Constraint' in one ? [one.Constraint] : []))
}

/** Names of the type of a column as they stand there, without `pg_catalog`. */
export function typeNamesOf(column: ColumnDef | undefined): readonly string[] {
  return (column?.typeName?.names ?? []).flatMap((name) =>
    'String' in name && name.String.sval !== 'pg_catalog' ? [name.String.sval ?? ''] : [],
  )
}

/** Last parts of the names of all functions that an expression calls. */
export function functionsIn(node: Node | undefined): readonly string[] {
  if (node === undefined) return []
  const found: string[] = []
  walk(node, (tag, content) => {
    if (tag !== 'FuncCall') return
    const names = (content as { funcname?: readonly Node[] }).funcname ?? []
    const last = names.at(-1)
    if (last !== undefined && 'String' in last) found.push(last.String.sval ?? '')
  })
  return found
}

/** Visits every tagged node below a node. */
function walk(value: unknown, visit: (tag: string, content: object) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [tag, content] of Object.entries(value)) {
    if (/^[A-Z]/.test(tag) && typeof content === 'object' && content !== null) visit(tag, content)
    walk(content, visit)
  }
}

/** The relation that a statement is about, where it is about one. */
export function targetOf(node: Node): RangeVar | undefined {
  const [content] = Object.values(node) as { relation?: RangeVar | { RangeVar?: RangeVar } }[]
  const relation = content?.relation
  if (relation === undefined) return undefined
  return 'RangeVar' in relation ? relation.RangeVar : (relation as RangeVar)
}

/** `schema.name` as SQL writes it; without a schema, the name alone. */
export function rangeName({ schemaname, relname = '' }: RangeVar): string {
  const parts = schemaname === undefined || schemaname === '' ? [relname] : [schemaname, relname]
  return parts.map(quoteName).join('.')
}
