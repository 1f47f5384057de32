import { type Branch, commentOf, environmentOf, optionsOf, tablespaceOf } from './fact-branch.ts'

export function relationBranches(major: number): Branch[] {
  const environment = environmentOf({
    catalog: 'pg_class',
    oid: 'r.oid',
    owner: 'r.relowner',
    acl: ['r', 'r.relacl'],
  })
  const common = {
    catalog: 'pg_class',
    oid: 'r.oid',
    schema: 'r.schema',
    name: 'r.name',
    environment,
  }
  const accessMethod = `'accessMethod', (select amname from pg_am where pg_am.oid = r.relam)`
  return [
    {
      kind: 'table',
      ...common,
      from: `rel r
  left join pg_foreign_table ft on ft.ftrelid = r.oid`,
      where: `r.kind in ('r', 'p', 'f')`,
      values: `'form', case r.kind when 'r' then 'table' when 'p' then 'partitioned' else 'foreign' end,
    'persistence', case r.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' end,
    'partitionKey', pg_get_partkeydef(r.oid),
    'partitionBound', pg_get_expr(r.relpartbound, r.oid),
    'parents', (select json_agg(i.inhparent::regclass::text order by i.inhseqno)
      from pg_inherits i where i.inhrelid = r.oid),
    'detachPending', (select true from pg_inherits i where i.inhrelid = r.oid and i.inhdetachpending),
    'ofType', nullif(r.reloftype, 0)::regtype::text,
    'rowSecurity', r.relrowsecurity, 'forceRowSecurity', r.relforcerowsecurity,
    'options', ${optionsOf('r.reloptions')},
    'toastOptions', (select ${optionsOf('t.reloptions')} from pg_class t where t.oid = r.reltoastrelid),
    'replicaIdentity', case r.relreplident when 'n' then 'nothing' when 'f' then 'full'
      when 'i' then 'index' end,
    ${accessMethod},
    'server', (select quote_ident(srvname) from pg_foreign_server s where s.oid = ft.ftserver),
    'foreignOptions', ft.ftoptions`,
      details: `'tablespace', ${tablespaceOf('r')}`,
    },
    {
      kind: 'view',
      ...common,
      from: 'rel r',
      where: `r.kind = 'v'`,
      values: `'definition', pg_get_viewdef(r.oid), 'options', ${optionsOf('r.reloptions')}`,
      details: `'columns', (select json_agg(json_build_object('name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod), 'collation', a.attcollation::regcollation::text)
        order by a.attnum) from pg_attribute a where a.attrelid = r.oid and a.attnum > 0)`,
    },
    {
      kind: 'materialized-view',
      ...common,
      from: 'rel r',
      where: `r.kind = 'm'`,
      values: `'definition', pg_get_viewdef(r.oid), 'options', ${optionsOf('r.reloptions')},
    'populated', r.relispopulated, ${accessMethod}`,
      details: `'tablespace', ${tablespaceOf('r')}`,
    },
    {
      kind: 'sequence',
      ...common,
      environment: environment.replace(`acldefault('r'`, `acldefault('s'`),
      from: `rel r join pg_sequence s on s.seqrelid = r.oid
  left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid and d.objsubid = 0
    and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0
  left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid`,
      where: `r.kind = 'S'`,
      values: `'type', format_type(s.seqtypid, null), 'start', s.seqstart::text, 'min', s.seqmin::text,
    'max', s.seqmax::text, 'increment', s.seqincrement::text, 'cycle', s.seqcycle,
    'persistence', case r.relpersistence when 'u' then 'unlogged' end,
    'ownedBy', d.refobjid::regclass::text || '.' || quote_ident(a.attname),
    'identity', d.deptype = 'i'`,
      details: `'cache', s.seqcache::text`,
    },
    columnBranch(major),
  ]
}

function columnBranch(major: number): Branch {
  // Since 18 a NOT NULL is a row with a name, and may be one that was never checked.
  const notNull = (field: string, absent: string) => (major >= 18 ? `nn.${field}` : absent)
  return {
    kind: 'column',
    catalog: 'pg_class',
    oid: 'r.oid',
    column: 'a.attnum',
    schema: 'r.schema',
    parent: 'r.name',
    name: 'a.attname',
    from: `rel r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef ad on ad.adrelid = r.oid and ad.adnum = a.attnum${
    major >= 18
      ? `
  left join pg_constraint nn on nn.conrelid = r.oid and nn.contype = 'n' and nn.conkey = array[a.attnum]`
      : ''
  }`,
    where: `r.kind <> 'S'`,
    values: `'of', case r.kind when 'v' then 'view' when 'm' then 'materialized view' end,
    'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
    'notNullUnchecked', ${major >= 18 ? 'not nn.convalidated' : 'false'},
    'default', pg_get_expr(ad.adbin, ad.adrelid),
    'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
    'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
    'collation', case when a.attcollation not in (0, t.typcollation)
      then a.attcollation::regcollation::text end,
    'inherited', a.attinhcount > 0,
    'options', ${optionsOf('a.attoptions')}, 'foreignOptions', a.attfdwoptions`,
    details: `'position', row_number() over (partition by r.oid order by a.attnum),
    'storage', case when a.attstorage <> t.typstorage then case a.attstorage when 'p' then 'plain'
      when 'e' then 'external' when 'm' then 'main' else 'extended' end end,
    'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
    'statistics', case when a.attstattarget >= 0 then a.attstattarget end,
    'notNullName', ${notNull('conname', 'null::name')},
    'notNullInherited', ${notNull('coninhcount > 0', 'false')},
    'inheritedOnly', not a.attislocal, 'notNullInheritedOnly', ${major >= 18 ? 'not nn.conislocal' : 'false'},
    'notNullNoInherit', ${notNull('connoinherit', 'false')},
    'notNullComment', ${major >= 18 ? commentOf('pg_constraint', 'nn.oid') : 'null'}`,
    environment: `'acl', a.attacl::text[], 'comment', ${commentOf('pg_class', 'r.oid', 'a.attnum')}`,
  }
}
