import { type Branch, commentOf, environmentOf } from './fact-branch.ts'

export function textSearchBranches(): Branch[] {
  const named = (schema: string, name: string) =>
    `quote_ident(${schema}) || '.' || quote_ident(${name})`
  return [
    {
      kind: 'text-search-configuration',
      catalog: 'pg_ts_config',
      oid: 'c.oid',
      schema: 'ns.name',
      name: 'c.cfgname',
      from: `pg_ts_config c join ns on ns.oid = c.cfgnamespace join pg_ts_parser p on p.oid = c.cfgparser
  join pg_namespace pn on pn.oid = p.prsnamespace`,
      values: `'parser', ${named('pn.nspname', 'p.prsname')},
    'mappings', (select json_object_agg(token, dictionaries order by token) from (
      select (select alias from ts_token_type(c.cfgparser) where tokid = m.maptokentype) as token,
        json_agg(m.mapdict::regdictionary::text order by m.mapseqno) as dictionaries
      from pg_ts_config_map m where m.mapcfg = c.oid group by m.maptokentype) as mapped)`,
      environment: environmentOf({ catalog: 'pg_ts_config', oid: 'c.oid', owner: 'c.cfgowner' }),
    },
    {
      kind: 'text-search-dictionary',
      catalog: 'pg_ts_dict',
      oid: 'd.oid',
      schema: 'ns.name',
      name: 'd.dictname',
      from: `pg_ts_dict d join ns on ns.oid = d.dictnamespace
  join pg_ts_template t on t.oid = d.dicttemplate join pg_namespace tn on tn.oid = t.tmplnamespace`,
      values: `'template', ${named('tn.nspname', 't.tmplname')}, 'options', d.dictinitoption`,
      environment: environmentOf({ catalog: 'pg_ts_dict', oid: 'd.oid', owner: 'd.dictowner' }),
    },
    {
      kind: 'text-search-parser',
      catalog: 'pg_ts_parser',
      oid: 'p.oid',
      schema: 'ns.name',
      name: 'p.prsname',
      from: 'pg_ts_parser p join ns on ns.oid = p.prsnamespace',
      values: `'start', p.prsstart::regproc::text, 'gettoken', p.prstoken::regproc::text,
    'end', p.prsend::regproc::text, 'lextypes', p.prslextype::regproc::text,
    'headline', nullif(p.prsheadline, 0)::regproc::text`,
      environment: `'comment', ${commentOf('pg_ts_parser', 'p.oid')}`,
    },
    {
      kind: 'text-search-template',
      catalog: 'pg_ts_template',
      oid: 't.oid',
      schema: 'ns.name',
      name: 't.tmplname',
      from: 'pg_ts_template t join ns on ns.oid = t.tmplnamespace',
      values: `'init', nullif(t.tmplinit, 0)::regproc::text, 'lexize', t.tmpllexize::regproc::text`,
      environment: `'comment', ${commentOf('pg_ts_template', 't.oid')}`,
    },
  ]
}
