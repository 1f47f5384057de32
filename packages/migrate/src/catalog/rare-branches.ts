import { type Branch, enabled, environmentOf, notOfExtension } from './fact-branch.ts'

export function rareBranches(major: number): Branch[] {
  return [
    {
      kind: 'schema',
      catalog: 'pg_namespace',
      oid: 'ns.oid',
      name: 'ns.name',
      from: 'ns',
      where: notOfExtension('pg_namespace', 'ns.oid'),
      environment: environmentOf({
        catalog: 'pg_namespace',
        oid: 'ns.oid',
        owner: 'ns.owner',
        acl: ['n', 'ns.acl'],
      }),
    },
    {
      kind: 'extension',
      catalog: 'pg_extension',
      oid: 'e.oid',
      name: 'e.extname',
      from: 'pg_extension e',
      values: `'schema', case when e.extrelocatable then e.extnamespace::regnamespace::text end`,
      details: `'version', e.extversion, 'schema', e.extnamespace::regnamespace::text`,
      environment: `'owner', pg_get_userbyid(e.extowner)`,
    },
    publicationBranch(major),
    {
      kind: 'event-trigger',
      catalog: 'pg_event_trigger',
      oid: 'e.oid',
      name: 'e.evtname',
      from: 'pg_event_trigger e',
      where: notOfExtension('pg_event_trigger', 'e.oid'),
      values: `'event', e.evtevent, 'function', e.evtfoid::regproc::text, 'tags', e.evttags,
    'enabled', ${enabled('e.evtenabled')}`,
      environment: environmentOf({
        catalog: 'pg_event_trigger',
        oid: 'e.oid',
        owner: 'e.evtowner',
      }),
    },
    {
      kind: 'foreign-data-wrapper',
      catalog: 'pg_foreign_data_wrapper',
      oid: 'w.oid',
      name: 'w.fdwname',
      from: 'pg_foreign_data_wrapper w',
      where: notOfExtension('pg_foreign_data_wrapper', 'w.oid'),
      values: `'handler', nullif(w.fdwhandler, 0)::regproc::text,
    'validator', nullif(w.fdwvalidator, 0)::regproc::text, 'foreignOptions', w.fdwoptions`,
      environment: environmentOf({
        catalog: 'pg_foreign_data_wrapper',
        oid: 'w.oid',
        owner: 'w.fdwowner',
        acl: ['F', 'w.fdwacl'],
      }),
    },
    {
      kind: 'foreign-server',
      catalog: 'pg_foreign_server',
      oid: 's.oid',
      name: 's.srvname',
      from: 'pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw',
      where: notOfExtension('pg_foreign_server', 's.oid'),
      values: `'wrapper', quote_ident(w.fdwname), 'type', s.srvtype, 'version', s.srvversion,
    'foreignOptions', s.srvoptions`,
      environment: environmentOf({
        catalog: 'pg_foreign_server',
        oid: 's.oid',
        owner: 's.srvowner',
        acl: ['S', 's.srvacl'],
      }),
    },
    {
      kind: 'default-privileges',
      catalog: 'pg_default_acl',
      oid: 'd.oid',
      name: `'for ' || quote_ident(pg_get_userbyid(d.defaclrole)) || coalesce(' in schema '
    || quote_ident(ns.name), '') || ' on ' || case d.defaclobjtype when 'r' then 'tables'
    when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
    when 'n' then 'schemas' else 'large objects' end`,
      from: 'pg_default_acl d left join ns on ns.oid = d.defaclnamespace',
      where: '(d.defaclnamespace = 0 or ns.oid is not null)',
      values: `'role', quote_ident(pg_get_userbyid(d.defaclrole)), 'schema', quote_ident(ns.name),
    'on', case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
      when 'f' then 'functions' when 'T' then 'types' when 'n' then 'schemas'
      else 'large objects' end`,
      environment: `'acl', d.defaclacl::text[], 'builtin', case when d.defaclnamespace = 0
      then acldefault(case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end, d.defaclrole)::text[] end`,
    },
    {
      kind: 'security-label',
      catalog: 'pg_seclabel',
      oid: 'l.objoid',
      column: 'l.objsubid',
      name: `l.provider || ' on ' || o.type || ' ' || o.identity`,
      from: 'pg_seclabel l, pg_identify_object(l.classoid, l.objoid, l.objsubid) as o',
      environment: `'label', l.label`,
    },
  ]
}

function publicationBranch(major: number): Branch {
  const tables =
    major >= 15
      ? `json_build_object('table', m.prrelid::regclass::text,
        'columns', (select json_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
          where a.attrelid = m.prrelid and a.attnum = any(m.prattrs)),
        'where', pg_get_expr(m.prqual, m.prrelid))`
      : `json_build_object('table', m.prrelid::regclass::text)`
  const schemas =
    major >= 15
      ? `(select json_agg(m.pnnspid::regnamespace::text order by m.pnnspid::regnamespace::text)
      from pg_publication_namespace m where m.pnpubid = p.oid)`
      : 'null'
  return {
    kind: 'publication',
    catalog: 'pg_publication',
    oid: 'p.oid',
    name: 'p.pubname',
    from: 'pg_publication p',
    where: notOfExtension('pg_publication', 'p.oid'),
    values: `'allTables', p.puballtables, 'viaRoot', p.pubviaroot,
    'generatedColumns', ${major >= 18 ? `nullif(p.pubgencols, 'n')` : 'null'},
    'publish', array_remove(array[case when p.pubinsert then 'insert' end,
      case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end,
      case when p.pubtruncate then 'truncate' end], null),
    'tables', (select json_agg(${tables} order by m.prrelid::regclass::text)
      from pg_publication_rel m where m.prpubid = p.oid),
    'schemas', ${schemas}`,
    environment: environmentOf({ catalog: 'pg_publication', oid: 'p.oid', owner: 'p.pubowner' }),
  }
}
