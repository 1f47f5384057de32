import { type Branch, commentOf, environmentOf, notOfExtension } from './fact-branch.ts'

export function operatorBranches(): Branch[] {
  const type = (column: string) => `case when ${column} <> 0 then format_type(${column}, null) end`
  const method = (alias: string, column: string) =>
    `(select amname from pg_am where pg_am.oid = ${alias}.${column})`
  return [
    {
      kind: 'operator',
      catalog: 'pg_operator',
      oid: 'o.oid',
      schema: 'ns.name',
      name: `o.oprname || ' (' || coalesce(${type('o.oprleft')}, 'none') || ', '
    || coalesce(${type('o.oprright')}, 'none') || ')'`,
      from: 'pg_operator o join ns on ns.oid = o.oprnamespace',
      values: `'name', quote_ident(ns.name) || '.' || o.oprname, 'left', ${type('o.oprleft')},
    'right', ${type('o.oprright')}, 'function', nullif(o.oprcode, 0)::regproc::text,
    'commutator', nullif(o.oprcom, 0)::regoper::text, 'negator', nullif(o.oprnegate, 0)::regoper::text,
    'restrict', nullif(o.oprrest, 0)::regproc::text, 'join', nullif(o.oprjoin, 0)::regproc::text,
    'hashes', o.oprcanhash, 'merges', o.oprcanmerge`,
      environment: environmentOf({ catalog: 'pg_operator', oid: 'o.oid', owner: 'o.oprowner' }),
    },
    {
      kind: 'operator-family',
      catalog: 'pg_opfamily',
      oid: 'f.oid',
      schema: 'ns.name',
      name: `quote_ident(f.opfname) || ' using ' || ${method('f', 'opfmethod')}`,
      from: 'pg_opfamily f join ns on ns.oid = f.opfnamespace',
      values: `'members', (select json_agg(m order by m) from (
        select format('operator %s %s%s', a.amopstrategy, a.amopopr::regoperator, case
          when a.amopsortfamily <> 0 then ' for order by ' || (select quote_ident(n.nspname) || '.'
            || quote_ident(s.opfname) from pg_opfamily s join pg_namespace n on n.oid = s.opfnamespace
            where s.oid = a.amopsortfamily) end)
        from pg_amop a where a.amopfamily = f.oid
        union all
        select format('function %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, null),
          format_type(a.amprocrighttype, null), a.amproc::regprocedure)
        from pg_amproc a where a.amprocfamily = f.oid) as members(m))`,
      environment: environmentOf({ catalog: 'pg_opfamily', oid: 'f.oid', owner: 'f.opfowner' }),
    },
    {
      kind: 'operator-class',
      catalog: 'pg_opclass',
      oid: 'o.oid',
      schema: 'ns.name',
      name: `quote_ident(o.opcname) || ' using ' || ${method('o', 'opcmethod')}`,
      from: `pg_opclass o join ns on ns.oid = o.opcnamespace
  join pg_opfamily f on f.oid = o.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace`,
      values: `'method', ${method('o', 'opcmethod')}, 'type', format_type(o.opcintype, null),
    'default', o.opcdefault, 'storage', ${type('o.opckeytype')},
    'family', quote_ident(fn.nspname) || '.' || quote_ident(f.opfname),
    'members', (select json_agg(m order by m) from (
      select format('operator %s %s', a.amopstrategy, a.amopopr::regoperator)
      from pg_depend d join pg_amop a on a.oid = d.objid
      where d.classid = 'pg_amop'::regclass and d.refclassid = 'pg_opclass'::regclass
        and d.refobjid = o.oid
      union all
      select format('function %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, null),
        format_type(a.amprocrighttype, null), a.amproc::regprocedure)
      from pg_depend d join pg_amproc a on a.oid = d.objid
      where d.classid = 'pg_amproc'::regclass and d.refclassid = 'pg_opclass'::regclass
        and d.refobjid = o.oid) as members(m))`,
      environment: environmentOf({ catalog: 'pg_opclass', oid: 'o.oid', owner: 'o.opcowner' }),
    },
    {
      kind: 'cast',
      catalog: 'pg_cast',
      oid: 'c.oid',
      name: `format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null)`,
      from: 'pg_cast c',
      where: `c.oid >= 16384 and ${notOfExtension('pg_cast', 'c.oid')}
    and not exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid
      and d.deptype = 'i')`,
      values: `'function', nullif(c.castfunc, 0)::regprocedure::text,
    'method', case c.castmethod when 'i' then 'inout' when 'b' then 'binary' end,
    'context', case c.castcontext when 'a' then 'assignment' when 'i' then 'implicit' end`,
      environment: `'comment', ${commentOf('pg_cast', 'c.oid')}`,
    },
  ]
}
