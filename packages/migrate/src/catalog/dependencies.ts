import type { Address } from './fact.ts'
import type { Query } from './query.ts'

/** Objects by the place of the fact that tells about them, as `placeOf` writes it. */
export type Dependencies = {
  /** What the server would not let stand, or would take along, if this one went. */
  readonly dependentsOf: (place: string) => readonly string[]
}

/** Text for an address, to look things up by. */
export function placeOf({ catalog, oid, column }: Address): string {
  return `${catalog}:${oid}:${column}`
}

// What stands between two facts is left out: the rule of a view is the view, the default of a column
// the column, the row type of a table the table, an array the type of its elements.
const dependenciesSql = `
with raw as (
  select d.classid::regclass::text as catalog, d.objid as oid, d.objsubid as col,
    d.refclassid::regclass::text as ref_catalog, d.refobjid as ref_oid, d.refobjsubid as ref_col
  from pg_catalog.pg_depend d
  where d.objid >= 16384 and d.refobjid >= 16384 and d.deptype in ('n', 'a', 'i', 'P', 'S')
    and d.classid <> 'pg_catalog.pg_init_privs'::regclass),
inner_parts as (
  select 'pg_rewrite' as catalog, w.oid, 'pg_class' as to_catalog, w.ev_class as to_oid, 0 as to_col
  from pg_catalog.pg_rewrite w where w.rulename = '_RETURN' and w.oid >= 16384
  union all
  select 'pg_attrdef', a.oid, 'pg_class', a.adrelid, a.adnum from pg_catalog.pg_attrdef a
  union all
  select 'pg_type', t.oid, 'pg_class', t.typrelid, 0 from pg_catalog.pg_type t
    join pg_catalog.pg_class c on c.oid = t.typrelid
  where t.typtype = 'c' and c.relkind <> 'c' and t.oid >= 16384
  union all
  select 'pg_class', c.oid, 'pg_type', c.reltype, 0 from pg_catalog.pg_class c
  where c.relkind = 'c' and c.oid >= 16384
  union all
  select 'pg_type', t.oid, case when e.typtype = 'c' and c.relkind <> 'c' then 'pg_class' else 'pg_type' end,
    case when e.typtype = 'c' and c.relkind <> 'c' then c.oid else e.oid end, 0
  from pg_catalog.pg_type t join pg_catalog.pg_type e on e.typarray = t.oid
    left join pg_catalog.pg_class c on c.oid = e.typrelid
  where t.oid >= 16384
  union all
  select 'pg_constraint', n.oid, 'pg_class', n.conrelid, n.conkey[1] from pg_catalog.pg_constraint n
  where n.contype = 'n' and n.oid >= 16384 and n.conrelid <> 0
  union all
  select 'pg_publication_rel', p.oid, 'pg_publication', p.prpubid, 0
  from pg_catalog.pg_publication_rel p
  union all
  select 'pg_amop', a.oid, 'pg_opfamily', a.amopfamily, 0 from pg_catalog.pg_amop a where a.oid >= 16384
  union all
  select 'pg_amproc', a.oid, 'pg_opfamily', a.amprocfamily, 0 from pg_catalog.pg_amproc a
  where a.oid >= 16384)
select distinct
  coalesce(u.to_catalog || ':' || u.to_oid || ':' || u.to_col,
    raw.catalog || ':' || raw.oid || ':' || raw.col) as dependent,
  coalesce(r.to_catalog || ':' || r.to_oid || ':' || r.to_col,
    raw.ref_catalog || ':' || raw.ref_oid || ':' || raw.ref_col) as used
from raw
  left join inner_parts u on u.catalog = raw.catalog and u.oid = raw.oid
    and not (raw.catalog = 'pg_class' and raw.col > 0 and u.to_catalog = 'pg_class')
  left join inner_parts r on r.catalog = raw.ref_catalog and r.oid = raw.ref_oid`

/** Who depends on whom at this moment, as `pg_depend` has it. Within the caller's transaction. */
export async function readDependencies(query: Query): Promise<Dependencies> {
  const { rows } = await query(dependenciesSql)
  const dependents = new Map<string, string[]>()
  for (const { dependent, used } of rows) {
    if (typeof dependent !== 'string' || typeof used !== 'string' || dependent === used) continue
    const known = dependents.get(used)
    if (known === undefined) dependents.set(used, [dependent])
    else known.push(dependent)
  }
  return { dependentsOf: (place) => dependents.get(place) ?? [] }
}
