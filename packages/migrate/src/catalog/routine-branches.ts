import { type Branch, environmentOf, notOfExtension } from './fact-branch.ts'

export function routineBranches(): Branch[] {
  const environment = environmentOf({
    catalog: 'pg_proc',
    oid: 'p.oid',
    owner: 'p.proowner',
    acl: ['f', 'p.proacl'],
  })
  const routine = (column: string) => `nullif(${column}, 0)::regproc::text`
  return [
    {
      kind: 'function',
      catalog: 'pg_proc',
      oid: 'p.oid',
      schema: 'ns.name',
      name: `quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'`,
      from: `pg_proc p join ns on ns.oid = p.pronamespace left join pg_aggregate g on g.aggfnoid = p.oid`,
      // The functions that a range type brings along belong to it.
      where: `not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
      and d.objid = p.oid and d.deptype = 'i' and d.refclassid = 'pg_type'::regclass)`,
      values: `'form', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate'
      when 'w' then 'window function' else 'function' end,
    'definition', case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end,
    'arguments', pg_get_function_arguments(p.oid), 'returns', pg_get_function_result(p.oid),
    'sqlBody', p.prosqlbody is not null,
    'aggregate', case when p.prokind = 'a' then json_build_object(
      'kind', g.aggkind, 'directArguments', g.aggnumdirectargs,
      'transition', ${routine('g.aggtransfn')}, 'state', format_type(g.aggtranstype, null),
      'stateSize', nullif(g.aggtransspace, 0), 'final', ${routine('g.aggfinalfn')},
      'finalExtra', g.aggfinalextra, 'finalModify', g.aggfinalmodify,
      'combine', ${routine('g.aggcombinefn')}, 'serial', ${routine('g.aggserialfn')},
      'deserial', ${routine('g.aggdeserialfn')}, 'initial', g.agginitval,
      'movingTransition', ${routine('g.aggmtransfn')}, 'movingInverse', ${routine('g.aggminvtransfn')},
      'movingState', case when g.aggmtranstype <> 0 then format_type(g.aggmtranstype, null) end,
      'movingStateSize', nullif(g.aggmtransspace, 0), 'movingFinal', ${routine('g.aggmfinalfn')},
      'movingFinalExtra', g.aggmfinalextra, 'movingFinalModify', g.aggmfinalmodify,
      'movingInitial', g.aggminitval, 'sortOperator', (
        select 'operator(' || quote_ident(n.nspname) || '.' || o.oprname || ')'
        from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oid = g.aggsortop),
      'parallel', case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end) end`,
      environment,
    },
    {
      kind: 'language',
      catalog: 'pg_language',
      oid: 'l.oid',
      name: 'l.lanname',
      from: 'pg_language l',
      where: `l.lanispl and ${notOfExtension('pg_language', 'l.oid')}`,
      values: `'trusted', l.lanpltrusted, 'handler', ${routine('l.lanplcallfoid')},
    'inline', ${routine('l.laninline')}, 'validator', ${routine('l.lanvalidator')}`,
      environment: environmentOf({
        catalog: 'pg_language',
        oid: 'l.oid',
        owner: 'l.lanowner',
        acl: ['l', 'l.lanacl'],
      }),
    },
  ]
}
