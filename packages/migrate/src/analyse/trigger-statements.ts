import type {
  AlterEventTrigStmt,
  AlterPolicyStmt,
  CreateEventTrigStmt,
  CreatePolicyStmt,
  CreateTrigStmt,
} from 'libpg-query'
import { addPart } from './catalog.ts'
import { capture, type Context, create, letGo, read, write } from './effects.ts'
import { columnKey, dotted, type Key, partKey } from './keys.ts'
import { scopeOfFound } from './scope.ts'
import { visit } from './query.ts'
import { readColumns, readFunction, readRelation, readRoles, strings } from './resolve.ts'

export function createTrigger(context: Context, stmt: CreateTrigStmt): void {
  const found = readRelation(context, stmt.relation ?? {})
  const columns = strings(stmt.columns)
  const deps = capture(context, (inner) => {
    readColumns(inner, found, columns)
    const called = readFunction(inner, strings(stmt.funcname))
    for (const { key } of called) nameRows(context, key, stmt)
    visit({ context: inner, use: 'define' }, stmt.whenClause, scopeOfFound(found, 'new', 'old'))
    if (stmt.constrrel !== undefined) readRelation(inner, stmt.constrrel)
  })
  if (found.kind !== 'found') return
  for (const column of columns) read(context, `${columnKey(found.relation.name, column)}#type`)
  const name = stmt.trigname ?? ''
  const key = partKey('tg', found.relation.name, name)
  if (stmt.replace === true && context.catalog.has(key)) write(context, key)
  else create(context, key)
  const maybe = context.maybe
  addPart(context.catalog, found.relation.name, {
    prefix: 'tg',
    name,
    deps,
    maybe,
    origin: context.origin,
  })
}

/** `referencing old table as gone`: its function sees the rows of the statement under that name. */
function nameRows({ catalog }: Context, called: Key, { transitionRels }: CreateTrigStmt): void {
  const names = catalog.rowNames.get(called) ?? new Set()
  for (const node of transitionRels ?? [])
    if ('TriggerTransition' in node && node.TriggerTransition.isTable === true)
      names.add(node.TriggerTransition.name ?? '')
  catalog.rowNames.set(called, names)
}

export function createPolicy(context: Context, stmt: CreatePolicyStmt): void {
  const found = readRelation(context, stmt.table ?? {})
  readRoles(context, stmt.roles)
  const deps = capture(context, (inner) => {
    const reader = { context: inner, use: 'define' } as const
    visit(reader, [stmt.qual, stmt.with_check], scopeOfFound(found))
  })
  if (found.kind !== 'found') return
  const name = stmt.policy_name ?? ''
  create(context, partKey('pol', found.relation.name, name))
  const maybe = context.maybe
  addPart(context.catalog, found.relation.name, {
    prefix: 'pol',
    name,
    deps,
    maybe,
    origin: context.origin,
  })
}

export function alterPolicy(context: Context, stmt: AlterPolicyStmt): void {
  const found = readRelation(context, stmt.table ?? {})
  readRoles(context, stmt.roles)
  const deps = capture(context, (inner) => {
    visit({ context: inner, use: 'define' }, [stmt.qual, stmt.with_check], scopeOfFound(found))
  })
  if (found.kind !== 'found') return
  const key = partKey('pol', found.relation.name, stmt.policy_name ?? '')
  const policy = context.catalog.get(key)
  read(context, key)
  write(context, `${key}#definition`)
  if (policy === undefined) return
  for (const dep of policy.deps) if (!deps.has(dep)) letGo(context, policy, dep)
  context.catalog.setDeps(policy, new Set([...policy.deps, ...deps]))
}

export function createEventTrigger(context: Context, stmt: CreateEventTrigStmt): void {
  const key = `o:event_trigger:${dotted(stmt.trigname ?? '')}`
  const deps = capture(context, (inner) => {
    readFunction(inner, strings(stmt.funcname))
  })
  create(context, key)
  context.catalog.add({
    key,
    deps,
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
  })
}

export function alterEventTrigger(context: Context, { trigname }: AlterEventTrigStmt): void {
  const key = `o:event_trigger:${dotted(trigname ?? '')}`
  read(context, key)
  write(context, `${key}#enabled`)
}
