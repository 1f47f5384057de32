import { notOfExtension, type Branch } from './fact-branch.ts'
import { ledgerSchemas, ledgerTables } from './ledger-tables.ts'
import { quoteText } from './identifier.ts'
import { operatorBranches } from './operator-branches.ts'
import { rareBranches } from './rare-branches.ts'
import { relationBranches } from './relation-branches.ts'
import { routineBranches } from './routine-branches.ts'
import { tablePartBranches } from './table-part-branches.ts'
import { textSearchBranches } from './text-search-branches.ts'
import { typeBranches } from './type-branches.ts'

/** What decides the text of the query. */
export type FactSqlOptions = {
  /** Major version of the server, 14 or later. */
  readonly major: number
  /** Schema of the engine's ledger, left out when nothing else lies in it. */
  readonly ledgerSchema: string
  /** Whether `$1::oid[]` names the objects to read, instead of all. */
  readonly scoped: boolean
}

/**
 * The text of one query that gives a row per fact: `kind`, `schema`, `parent`, `name`, `catalog`,
 * `oid`, `col` and, as JSON text, `vals`, `details`, `environment`. Names come out qualified only
 * under an empty `search_path`.
 */
export function factSql(options: FactSqlOptions): string {
  const branches = [
    ...relationBranches(options.major),
    ...tablePartBranches(options.major),
    ...typeBranches(options.major),
    ...routineBranches(),
    ...rareBranches(options.major),
    ...operatorBranches(),
    ...textSearchBranches(),
  ].map((branch) => branchSql(branch, options.scoped))
  return `with ${commonSql(options)}\n${branches.join('\nunion all\n')}`
}

/** Which objects are ours to look at: of users, of no extension, of no migration tool. */
export function commonSql({ ledgerSchema }: Pick<FactSqlOptions, 'ledgerSchema'>): string {
  const tables = ledgerTables.map(({ name, schema, columns, exact }) => {
    const names = columns.map(quoteText).join(', ')
    const where = schema === undefined ? 'null' : quoteText(schema)
    return `(${quoteText(name)}, ${where}, array[${names}], ${String(exact ?? false)})`
  })
  const schemas = [...ledgerSchemas, ...(ledgerSchema === 'public' ? [] : [ledgerSchema])]
  return `
all_ns as materialized (
  select oid, nspname::text as name, nspowner as owner, nspacl as acl from pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'),
ext as materialized (select classid, objid from pg_depend where deptype = 'e'),
ledger as materialized (
  select c.oid, c.relnamespace from pg_class c join all_ns on all_ns.oid = c.relnamespace
    join (values ${tables.join(', ')}) as l(name, schema, columns, exact)
      on l.name = c.relname and (l.schema is null or l.schema = all_ns.name)
  where c.relkind in ('r', 'p') and l.columns <@ (
      select array_agg(a.attname::text) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
    and (not l.exact or cardinality(l.columns) = (
      select count(*) from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))),
ns as materialized (
  select * from all_ns where not (name in (${schemas.map(quoteText).join(', ')})
    and exists (select from ledger where ledger.relnamespace = all_ns.oid)
    and not exists (select from pg_class c where c.relnamespace = all_ns.oid
      and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.oid not in (select oid from ledger))
    and not exists (select from pg_proc p where p.pronamespace = all_ns.oid))),
rel as materialized (
  select ns.name as schema, c.relname::text as name, c.relkind as kind, c.* from pg_class c
    join ns on ns.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    and not exists (select from ext where ext.classid = 'pg_class'::regclass and ext.objid = c.oid)
    and c.oid not in (select oid from ledger)
    and not (c.relkind = 'S' and exists (
      select from pg_depend d join ledger on ledger.oid = d.refobjid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
        and d.refclassid = 'pg_class'::regclass)))`
}

function branchSql(branch: Branch, scoped: boolean): string {
  const { kind, catalog, oid, from } = branch
  const scope = (branch.scope ?? [oid]).map((expression) => `${expression} = any($1::oid[])`)
  const wheres = [
    branch.where,
    branch.schema === undefined || branch.parent !== undefined
      ? undefined
      : notOfExtension(catalog, oid),
    scoped ? `(${scope.join(' or ')})` : undefined,
  ].filter((where) => where !== undefined)
  return `select ${kind.startsWith('case ') ? kind : `'${kind}'`} as kind,
  ${branch.schema ?? 'null'}::text as schema, ${branch.parent ?? 'null'}::text as parent,
  ${branch.name}::text as name, '${catalog}' as catalog, ${oid}::bigint as oid,
  ${branch.column ?? '0'}::integer as col,
  ${json(branch.values)} as vals, ${json(branch.details)} as details,
  ${json(branch.environment)} as environment
from ${from}${wheres.length === 0 ? '' : `\nwhere ${wheres.join('\n  and ')}`}`
}

function json(fields: string | undefined): string {
  return fields === undefined ? `'{}'` : `json_build_object(${fields})::text`
}
