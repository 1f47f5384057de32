import type { DropRoleStmt, DropStmt, Node, TruncateStmt } from 'libpg-query'
import { doubt, noteBlockers } from './alter-table.ts'
import { forgetColumns } from './catalog.ts'
import { type Context, drop, write } from './effects.ts'
import { allValuesKey, dotted, rowsKey } from './keys.ts'
import { findObject } from './objects.ts'
import { cascadeRows } from './rows.ts'
import { readRelation } from './resolve.ts'

export function dropObjects(context: Context, stmt: DropStmt): void {
  const { blockers } = context.effects
  for (const node of stmt.objects ?? []) dropOne(context, stmt, node)
  // All of the list goes at once, so one of them may hang on another.
  for (const holder of blockers.keys()) if (!context.catalog.has(holder)) blockers.delete(holder)
}

function dropOne(context: Context, stmt: DropStmt, node: Node): void {
  const { found, expected, demand } = findObject(context, stmt.removeType, node)
  if (found.length === 0 && stmt.missing_ok === true) return write(context, expected)
  demand()
  write(context, expected)
  const cascade = stmt.behavior === 'DROP_CASCADE'
  for (const key of found) {
    if (context.maybe) {
      doubt(context, key)
      continue
    }
    const fallen = context.catalog.remove(key, cascade)
    if (!cascade) noteBlockers(context, fallen)
    drop(context, fallen)
    forgetColumns(context.catalog, fallen)
  }
}

export function dropRoles(context: Context, { roles }: DropRoleStmt): void {
  for (const node of roles ?? [])
    if ('RoleSpec' in node) {
      const key = `role:${dotted(node.RoleSpec.rolename ?? '')}`
      drop(context, [{ key, deps: new Set() }])
      context.catalog.remove(key)
    }
}

export function truncate(context: Context, { relations, behavior }: TruncateStmt): void {
  for (const node of relations ?? []) {
    if (!('RangeVar' in node)) continue
    const found = readRelation(context, node.RangeVar)
    if (found.kind !== 'found') continue
    context.effects.dataWrites
      .add(rowsKey(found.relation.name))
      .add(allValuesKey(found.relation.name))
    if (behavior === 'DROP_CASCADE') cascadeRows(context, found.relation)
  }
}
