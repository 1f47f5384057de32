/** How a branch of the query is put together; every branch gives the same columns. */
export type Branch = {
  readonly kind: string
  readonly catalog: string
  readonly oid: string
  readonly column?: string
  readonly schema?: string
  readonly parent?: string
  readonly name: string
  readonly values?: string
  readonly details?: string
  readonly environment?: string
  readonly from: string
  readonly where?: string
  /** Expressions of which one must be in the scope; default: `oid`. */
  readonly scope?: readonly string[]
}

export function notOfExtension(catalog: string, oid: string): string {
  return `not exists (select from ext where ext.classid = '${catalog}'::regclass and ext.objid = ${oid})`
}

/** Owner, rights with the built-in ones written out, and comment. */
export function environmentOf(options: {
  readonly catalog: string
  readonly oid: string
  readonly owner?: string
  /** Letter of `acldefault` and the column. */
  readonly acl?: readonly [letter: string, column: string]
}): string {
  const { catalog, oid, owner, acl } = options
  return [
    ...(owner === undefined ? [] : [`'owner', pg_get_userbyid(${owner})`]),
    ...(acl === undefined || owner === undefined
      ? []
      : [`'acl', coalesce(${acl[1]}, acldefault('${acl[0]}', ${owner}))::text[]`]),
    `'comment', ${commentOf(catalog, oid)}`,
  ].join(', ')
}

export function commentOf(catalog: string, oid: string, column = '0'): string {
  return `(select description from pg_description where objoid = ${oid}
    and classoid = '${catalog}'::regclass and objsubid = ${column})`
}

/** Minor releases of 2026 note a version of each column here, which nobody can set. */
export const optionsOf = (column: string) =>
  `(select array_agg(o order by o) from unnest(${column}) as o where o not like 'pg\\_attver=%')`

export const tablespaceOf = (relation: string) =>
  `(select spcname from pg_tablespace where pg_tablespace.oid = ${relation}.reltablespace)`

export function enabled(column: string): string {
  return `case ${column} when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' end`
}
