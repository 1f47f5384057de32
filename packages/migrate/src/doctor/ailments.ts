import type { Facts } from '../catalog/fact.ts'
import type { Query, Row } from '../catalog/query.ts'
import { objectTo, type Reason } from '../objection.ts'
import { doctorReasons } from './doctor-reasons.ts'
import type { Finding } from './finding.ts'

export type AilmentKind =
  | 'invalid-index'
  | 'leftover-index'
  | 'unchecked-constraint'
  | 'detach-pending'
  | 'disabled-trigger'
  | 'prepared-transaction'
  | 'sequence-behind'

export type Ailment = Finding<AilmentKind>

const reasons: Readonly<Record<AilmentKind, Reason>> = {
  'invalid-index': doctorReasons.invalidIndex,
  'leftover-index': doctorReasons.leftoverIndex,
  'unchecked-constraint': doctorReasons.uncheckedConstraint,
  'detach-pending': doctorReasons.detachPending,
  'disabled-trigger': doctorReasons.disabledTrigger,
  'prepared-transaction': doctorReasons.preparedTransaction,
  'sequence-behind': doctorReasons.sequenceBehind,
}

/**
 * What is broken or half made in a database, whoever made it.
 *
 * @param expected what is declared: rules that are declared as unchecked are no ailment
 */
export async function findAilments(
  query: Query,
  { expected }: { readonly expected?: Facts | undefined } = {},
): Promise<Ailment[]> {
  const declared = new Map((expected?.rows ?? []).map((fact) => [fact.key, fact]))
  const isDeclared = (key: string, field: string) =>
    declared.get(key)?.values[field] !== undefined && field !== 'invalid'
  const { rows } = await query(ailmentsSql)
  const { rows: version } = await query(
    `select current_setting('server_version_num')::integer / 10000 as major`,
  )
  const notNulls =
    Number(version[0]?.['major']) >= 18 ? (await query(uncheckedNotNullSql)).rows : []
  const found = [...rows, ...notNulls].filter(
    (row) => !isDeclared(String(row['key']), String(row['field'])),
  )
  return [...found.map(ailmentOf), ...(await sequencesBehind(query))]
}

function ailmentOf(row: Row): Ailment {
  const kind = String(row['kind']) as AilmentKind
  const object = String(row['object'])
  const statements = String(row['statements']).split('\n')
  const explanation = objectTo(
    reasons[kind],
    { migration: '', object },
    {
      sql: statements.join('; '),
      owner: typeof row['owner'] === 'string' ? row['owner'] : undefined,
      seconds: typeof row['seconds'] === 'number' ? row['seconds'] : undefined,
    },
  )
  return { kind, object, statements, explanation }
}

const ours = (namespace: string) =>
  `${namespace}.nspname !~ '^pg_' and ${namespace}.nspname <> 'information_schema'`

// What a statement says when an index is built anew under its name: there is no other way for those
// that a constraint rests on.
const ailmentsSql = `
  select case when c.relname ~ '_cc(new|old)[0-9]*$' then 'leftover-index' else 'invalid-index' end as kind,
    format('%I.%I', n.nspname, c.relname) as object,
    format('index %I.%I', n.nspname, c.relname) as key, 'invalid' as field,
    case when c.relname ~ '_cc(new|old)[0-9]*$'
      then format('drop index concurrently if exists %I.%I', n.nspname, c.relname)
      when exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u', 'x'))
        or not i.indislive
      then format('reindex index concurrently %I.%I', n.nspname, c.relname)
      else format('drop index concurrently if exists %I.%I', n.nspname, c.relname) || E'\\n' ||
        regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX ', 'CREATE \\1INDEX CONCURRENTLY ') end
      as statements,
    null::text as owner, null::float8 as seconds
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not (i.indisvalid and i.indisready and i.indislive) and n.nspname !~ '^pg_(catalog|temp)'
    and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid)
  union all
  select 'invalid-index', format('%I.%I', n.nspname, c.relname), format('index %I.%I', n.nspname, c.relname),
    'invalid', coalesce(nullif((select string_agg(format('create index concurrently on %s %s', l.relid::regclass,
        substring(pg_get_indexdef(c.oid) from ' (USING .*)$')), E'\\n')
      from pg_catalog.pg_partition_tree(i.indrelid) l where l.isleaf and not exists (
        select from pg_catalog.pg_index x join pg_catalog.pg_inherits h on h.inhrelid = x.indexrelid
        where x.indrelid = l.relid and h.inhparent = c.oid)), ''),
      format('reindex index %I.%I', n.nspname, c.relname)), null, null
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'I'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not i.indisvalid and ${ours('n')}
  union all
  select 'unchecked-constraint', format('%I.%I.%I', n.nspname, c.relname, k.conname),
    format('constraint %I.%I.%I', n.nspname, c.relname, k.conname), 'unchecked',
    format('alter table %I.%I validate constraint %I', n.nspname, c.relname, k.conname), null, null
  from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not k.convalidated and k.contype in ('c', 'f') and k.coninhcount = 0 and ${ours('n')}
    and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  union all
  select 'unchecked-constraint', format('%I.%I.%I', n.nspname, t.typname, k.conname),
    format('domain-constraint %I.%I.%I', n.nspname, t.typname, k.conname), 'unchecked',
    format('alter domain %I.%I validate constraint %I', n.nspname, t.typname, k.conname), null, null
  from pg_catalog.pg_constraint k join pg_catalog.pg_type t on t.oid = k.contypid
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where not k.convalidated and ${ours('n')}
  union all
  select 'detach-pending', format('%I.%I', n.nspname, c.relname), format('table %I.%I', n.nspname, c.relname),
    'detachPending', format('alter table %s detach partition %I.%I finalize', h.inhparent::regclass,
      n.nspname, c.relname), null, null
  from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where h.inhdetachpending
  union all
  select 'disabled-trigger', format('%I.%I.%I', n.nspname, c.relname, coalesce(k.conname, t.tgname)),
    format('trigger %I.%I.%I', n.nspname, c.relname, t.tgname), 'enabled',
    format('alter table %I.%I enable trigger %I', n.nspname, c.relname, t.tgname), null, null
  from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_constraint k on k.oid = t.tgconstraint and t.tgisinternal
  where t.tgenabled = 'D' and t.tgparentid = 0 and ${ours('n')}
  union all
  select 'prepared-transaction', quote_literal(p.gid), 'prepared ' || p.gid, 'prepared',
    'rollback prepared ' || quote_literal(p.gid), p.owner::text,
    round(extract(epoch from clock_timestamp() - p.prepared))::float8
  from pg_catalog.pg_prepared_xacts p where p.database = current_database()
  order by 1, 2`

const uncheckedNotNullSql = `
  select 'unchecked-constraint' as kind, format('%I.%I.%I', n.nspname, c.relname, a.attname) as object,
    format('column %I.%I.%I', n.nspname, c.relname, a.attname) as key, 'notNullUnchecked' as field,
    format('alter table %I.%I validate constraint %I', n.nspname, c.relname, k.conname) as statements
  from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
  where k.contype = 'n' and not k.convalidated and k.coninhcount = 0 and ${ours('n')}
  order by 2`

// Only where the highest value is the end of an index, so that nothing has to be read for it.
const ownedSequencesSql = `
  select format('%I.%I', sn.nspname, s.relname) as sequence, format('%I.%I', n.nspname, c.relname) as "table",
    quote_ident(a.attname) as "column"
  from pg_catalog.pg_depend d
  join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
  join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace
  join pg_catalog.pg_sequence q on q.seqrelid = s.oid and q.seqincrement > 0 and not q.seqcycle
  join pg_catalog.pg_class c on c.oid = d.refobjid and c.relkind = 'r'
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
  where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    and ${ours('n')} and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    and case when s.relkind = 'S' then has_sequence_privilege(s.oid, 'select') end and has_table_privilege(c.oid, 'select')
    and exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisvalid
      and i.indpred is null and i.indkey[0] = a.attnum)
  order by 1`

async function sequencesBehind(query: Query): Promise<Ailment[]> {
  const { rows } = await query(ownedSequencesSql)
  const found: Ailment[] = []
  for (const row of rows) {
    const [sequence, table, column] = [row['sequence'], row['table'], row['column']].map(String)
    const { rows: behind } = await query(
      `select highest.value::text as value from ${sequence} as s,
        (select max(${column}) as value from only ${table}) as highest
        where highest.value > s.last_value or highest.value = s.last_value and not s.is_called`,
    )
    if (behind[0] === undefined || sequence === undefined) continue
    const literal = `'${sequence.replaceAll("'", "''")}'`
    const sql = `select setval(${literal}, (select max(${column}) from only ${table}))`
    found.push({
      kind: 'sequence-behind',
      object: sequence,
      statements: [sql],
      explanation: objectTo(
        doctorReasons.sequenceBehind,
        { migration: '', object: sequence },
        { sql },
      ),
    })
  }
  return found
}
