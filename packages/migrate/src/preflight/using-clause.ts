import type { Node } from 'libpg-query'
import { deparseSync } from 'pgsql-deparser'
import type { Parser } from '../text/parser.ts'

/** How ALTER TABLE … TYPE converts one column. */
export type Conversion = {
  /** The expression of USING, as SQL; undefined: by the assignment cast. */
  readonly using: string | undefined
  /** The same without the cast at its outside. */
  readonly inner: string | undefined
}

/** What a statement says about each column that it converts, by the column's unquoted name. */
export function readConversions(text: string, parser: Parser): ReadonlyMap<string, Conversion> {
  const parsed = parser.parse(text)
  const conversions = new Map<string, Conversion>()
  if (parsed.kind !== 'parsed') return conversions
  for (const { stmt } of parsed.statements) {
    if (stmt === undefined || !('AlterTableStmt' in stmt)) continue
    for (const command of stmt.AlterTableStmt.cmds ?? []) {
      if (!('AlterTableCmd' in command)) continue
      const { subtype, name, def } = command.AlterTableCmd
      if (subtype === 'AT_AlterColumnType' && name !== undefined)
        conversions.set(name, conversionOf(def))
    }
  }
  return conversions
}

function conversionOf(def: Node | undefined): Conversion {
  const using = def !== undefined && 'ColumnDef' in def ? def.ColumnDef.raw_default : undefined
  if (using === undefined) return { using: undefined, inner: undefined }
  const arg = 'TypeCast' in using ? using.TypeCast.arg : undefined
  return { using: deparseSync(using), inner: arg === undefined ? undefined : deparseSync(arg) }
}
