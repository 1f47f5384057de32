import { type Branch, commentOf, enabled, environmentOf, tablespaceOf } from './fact-branch.ts'

export function tablePartBranches(major: number): Branch[] {
  return [
    {
      kind: 'constraint',
      catalog: 'pg_constraint',
      oid: 'c.oid',
      schema: 'r.schema',
      parent: 'r.name',
      name: 'c.conname',
      from: 'rel r join pg_constraint c on c.conrelid = r.oid',
      where: `c.contype in ('c', 'f', 'p', 'u', 'x')`,
      scope: ['c.oid', 'r.oid'],
      values: `'type', case c.contype when 'c' then 'check' when 'f' then 'foreign key'
      when 'p' then 'primary key' when 'u' then 'unique' else 'exclude' end,
    'definition', pg_get_constraintdef(c.oid), 'unchecked', not c.convalidated,
    'deferrable', c.condeferrable, 'deferred', c.condeferred,
    'notEnforced', ${major >= 18 ? 'not c.conenforced' : 'false'},
    'inherited', c.coninhcount > 0,
    'partOf', (select p.conrelid::regclass::text || '.' || quote_ident(p.conname)
      from pg_constraint p where p.oid = c.conparentid and c.conparentid <> 0)`,
      details: `'references', nullif(c.confrelid, 0)::regclass::text,
    'inheritedOnly', not c.conislocal`,
      environment: `'comment', ${commentOf('pg_constraint', 'c.oid')}`,
    },
    {
      kind: 'index',
      catalog: 'pg_class',
      oid: 'i.oid',
      schema: 'r.schema',
      parent: 'r.name',
      name: 'i.relname',
      from: `rel r join pg_index x on x.indrelid = r.oid join pg_class i on i.oid = x.indexrelid
  left join pg_constraint c on c.conindid = i.oid and c.contype in ('p', 'u', 'x')
    and c.conrelid = r.oid`,
      scope: ['i.oid', 'r.oid'],
      values: `'definition', pg_get_indexdef(i.oid), 'invalid', not x.indisvalid,
    'notReady', not x.indisready, 'notLive', not x.indislive, 'clustered', x.indisclustered,
    'replicaIdentity', x.indisreplident, 'constraint', c.conname,
    'partOf', (select h.inhparent::regclass::text from pg_inherits h where h.inhrelid = i.oid)`,
      details: `'tablespace', ${tablespaceOf('i')}, 'statistics', (
      select json_object_agg(a.attnum, a.attstattarget order by a.attnum) from pg_attribute a
      where a.attrelid = i.oid and a.attstattarget >= 0)`,
      environment: `'comment', ${commentOf('pg_class', 'i.oid')}`,
    },
    {
      kind: 'trigger',
      catalog: 'pg_trigger',
      oid: 't.oid',
      schema: 'r.schema',
      parent: 'r.name',
      name: 't.tgname',
      from: 'rel r join pg_trigger t on t.tgrelid = r.oid',
      where: 'not t.tgisinternal',
      scope: ['t.oid', 'r.oid'],
      values: `'definition', pg_get_triggerdef(t.oid), 'enabled', ${enabled('t.tgenabled')},
    'inherited', t.tgparentid <> 0`,
      environment: `'comment', ${commentOf('pg_trigger', 't.oid')}`,
    },
    {
      kind: 'rule',
      catalog: 'pg_rewrite',
      oid: 'w.oid',
      schema: 'r.schema',
      parent: 'r.name',
      name: 'w.rulename',
      from: 'rel r join pg_rewrite w on w.ev_class = r.oid',
      where: `w.rulename <> '_RETURN'`,
      scope: ['w.oid', 'r.oid'],
      values: `'definition', pg_get_ruledef(w.oid), 'enabled', ${enabled('w.ev_enabled')}`,
      environment: `'comment', ${commentOf('pg_rewrite', 'w.oid')}`,
    },
    {
      kind: 'policy',
      catalog: 'pg_policy',
      oid: 'p.oid',
      schema: 'r.schema',
      parent: 'r.name',
      name: 'p.polname',
      from: 'rel r join pg_policy p on p.polrelid = r.oid',
      scope: ['p.oid', 'r.oid'],
      values: `'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert'
      when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    'restrictive', not p.polpermissive,
    'roles', (select json_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end
      order by 1) from unnest(p.polroles) as role),
    'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)`,
      environment: `'comment', ${commentOf('pg_policy', 'p.oid')}`,
    },
    {
      kind: 'statistics',
      catalog: 'pg_statistic_ext',
      oid: 's.oid',
      schema: 'ns.name',
      name: 's.stxname',
      from: `pg_statistic_ext s join ns on ns.oid = s.stxnamespace join rel r on r.oid = s.stxrelid`,
      scope: ['s.oid', 'r.oid'],
      // PostgreSQL keeps the columns by their place, which a column that comes back does not keep.
      values: `'table', r.oid::regclass::text,
    'kinds', array_remove(array[case when 'd' = any(s.stxkind) then 'ndistinct' end,
      case when 'f' = any(s.stxkind) then 'dependencies' end,
      case when 'm' = any(s.stxkind) then 'mcv' end], null),
    'columns', (select json_agg(a.attname order by a.attname) from pg_attribute a
      where a.attrelid = s.stxrelid and a.attnum = any(s.stxkeys::int2[])),
    'expressions', pg_get_statisticsobjdef_expressions(s.oid)`,
      details: `'target', case when s.stxstattarget >= 0 then s.stxstattarget end`,
      environment: environmentOf({
        catalog: 'pg_statistic_ext',
        oid: 's.oid',
        owner: 's.stxowner',
      }),
    },
  ]
}
