import type {
  AlterDefaultPrivilegesStmt,
  AlterRoleSetStmt,
  AlterRoleStmt,
  CreateRoleStmt,
  GrantRoleStmt,
  GrantStmt,
  Node,
  ObjectType,
} from 'libpg-query'
import { isRelation } from './catalog.ts'
import { type Context, create, read, write } from './effects.ts'
import { columnKey, dotted, type Key } from './keys.ts'
import { findObject } from './objects.ts'
import { findRelation, readColumns, readRole, readRoles, readSchema, strings } from './resolve.ts'

const kindsInSchema: Readonly<Record<string, readonly string[]>> = {
  OBJECT_TABLE: ['table', 'view', 'matview'],
  OBJECT_SEQUENCE: ['sequence'],
}

export function grant(context: Context, stmt: GrantStmt): void {
  readRoles(context, stmt.grantees)
  if (stmt.targtype === 'ACL_TARGET_DEFAULTS') return
  const targets =
    stmt.targtype === 'ACL_TARGET_ALL_IN_SCHEMA'
      ? allInSchemas(context, stmt)
      : named(context, stmt)
  for (const key of targets)
    for (const right of rightsOf(stmt)) write(context, `${key}#acl:${right}`)
  grantOnColumns(context, stmt)
}

/** Everything of a kind that a schema holds now: what comes later is not meant. */
function allInSchemas(context: Context, stmt: GrantStmt): Key[] {
  const kinds = kindsInSchema[stmt.objtype ?? ''] ?? []
  return (stmt.objects ?? []).flatMap((node) => {
    const schema = 'String' in node ? (node.String.sval ?? '') : ''
    readSchema(context, schema)
    const prefix = kinds.length === 0 ? 'f' : 't'
    read(context, prefix === 'f' ? `f:${dotted(schema)}.*` : `t:${dotted(schema)}.*`)
    return [...context.catalog.objects.values()]
      .filter((object) =>
        isRelation(object)
          ? kinds.includes(object.relationKind) && object.name.schema === schema
          : prefix === 'f' && object.key.startsWith(`f:${dotted(schema)}.`),
      )
      .map(({ key }) => key)
  })
}

function named(context: Context, stmt: GrantStmt): Key[] {
  return (stmt.objects ?? []).flatMap((node) => {
    const { found, expected, demand } = findObject(context, typeOf(stmt, node), node)
    demand()
    return found.length > 0 ? found : [expected]
  })
}

const typeOf = ({ objtype }: GrantStmt, node: Node): ObjectType | undefined =>
  'RangeVar' in node ? 'OBJECT_TABLE' : objtype

/** Each right of each role: different ones have nothing to do with each other. */
function rightsOf({ privileges, grantees }: GrantStmt): string[] {
  const rights = (privileges ?? []).map((node) =>
    'AccessPriv' in node ? (node.AccessPriv.priv_name ?? 'all') : 'all',
  )
  const roles = (grantees ?? []).map((node) =>
    'RoleSpec' in node ? (node.RoleSpec.rolename ?? node.RoleSpec.roletype ?? '') : '',
  )
  return roles.flatMap((role) =>
    (rights.length === 0 ? ['all'] : rights).map((right) => `${role}:${right}`),
  )
}

function grantOnColumns(context: Context, { objects, privileges }: GrantStmt): void {
  const columns = (privileges ?? []).flatMap((node) =>
    'AccessPriv' in node ? strings(node.AccessPriv.cols) : [],
  )
  for (const node of objects ?? []) {
    if (!('RangeVar' in node) || columns.length === 0) continue
    const found = findRelation(context, node.RangeVar)
    readColumns(context, found, columns)
    if (found.kind === 'found')
      for (const column of columns) write(context, `${columnKey(found.relation.name, column)}#acl`)
  }
}

/** Rights of things that are made from now on. */
export function alterDefaultRights(context: Context, stmt: AlterDefaultPrivilegesStmt): void {
  const schemas = (stmt.options ?? []).flatMap((node) =>
    'DefElem' in node &&
    node.DefElem.defname === 'schemas' &&
    node.DefElem.arg !== undefined &&
    'List' in node.DefElem.arg
      ? strings(node.DefElem.arg.List.items)
      : [],
  )
  readRoles(context, stmt.action?.grantees)
  for (const schema of schemas) readSchema(context, schema)
  const kind = stmt.action?.objtype ?? ''
  const rights = stmt.action === undefined ? [] : rightsOf(stmt.action)
  for (const schema of schemas.length === 0 ? ['*'] : schemas.map((one) => dotted(one))) {
    write(context, `o:default-rights:${schema}`)
    for (const right of rights) write(context, `o:default-rights:${schema}#${kind}:${right}`)
  }
}

export function createRole(context: Context, { role, options }: CreateRoleStmt): void {
  const key = `role:${dotted(role ?? '')}`
  create(context, key)
  for (const node of options ?? []) {
    const arg = 'DefElem' in node ? node.DefElem.arg : undefined
    if (arg !== undefined && 'List' in arg) readRoles(context, arg.List.items)
  }
  context.catalog.add({
    key,
    deps: new Set(),
    parent: undefined,
    maybe: context.maybe,
    origin: context.origin,
  })
}

export function alterRole(context: Context, { role }: AlterRoleStmt | AlterRoleSetStmt): void {
  readRole(context, role)
  write(context, `role:${dotted(role?.rolename ?? '')}#options`)
}

export function grantRole(context: Context, { granted_roles, grantee_roles }: GrantRoleStmt): void {
  const granted = (granted_roles ?? []).map((node) =>
    'AccessPriv' in node ? (node.AccessPriv.priv_name ?? '') : '',
  )
  readRoles(context, grantee_roles)
  for (const role of granted) {
    read(context, `role:${dotted(role)}`)
    for (const node of grantee_roles ?? [])
      if ('RoleSpec' in node)
        write(context, `role:${dotted(role)}#member:${node.RoleSpec.rolename ?? ''}`)
  }
}
