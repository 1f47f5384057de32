import { type Branch, commentOf, environmentOf, notOfExtension } from './fact-branch.ts'

export function typeBranches(major: number): Branch[] {
  const environment = environmentOf({
    catalog: 'pg_type',
    oid: 't.oid',
    owner: 't.typowner',
    acl: ['T', 't.typacl'],
  })
  const common = {
    catalog: 'pg_type',
    oid: 't.oid',
    schema: 'ns.name',
    name: 't.typname',
    environment,
  }
  return [
    {
      kind: 'enum',
      ...common,
      from: 'pg_type t join ns on ns.oid = t.typnamespace',
      where: `t.typtype = 'e'`,
      values: `'labels', (select json_agg(e.enumlabel order by e.enumsortorder)
      from pg_enum e where e.enumtypid = t.oid)`,
    },
    {
      kind: 'domain',
      ...common,
      from: `pg_type t join ns on ns.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype`,
      where: `t.typtype = 'd'`,
      values: `'type', format_type(t.typbasetype, t.typtypmod), 'notNull', t.typnotnull,
    'default', pg_get_expr(t.typdefaultbin, 0),
    'collation', case when t.typcollation not in (0, b.typcollation)
      then t.typcollation::regcollation::text end`,
    },
    {
      kind: 'domain-constraint',
      catalog: 'pg_constraint',
      oid: 'c.oid',
      schema: 'ns.name',
      parent: 't.typname',
      name: 'c.conname',
      from: `pg_type t join ns on ns.oid = t.typnamespace join pg_constraint c on c.contypid = t.oid`,
      where: `c.contype = 'c' and ${notOfExtension('pg_type', 't.oid')}`,
      scope: ['c.oid', 't.oid'],
      values: `'definition', pg_get_constraintdef(c.oid), 'unchecked', not c.convalidated`,
      environment: `'comment', ${commentOf('pg_constraint', 'c.oid')}`,
    },
    {
      kind: 'composite',
      ...common,
      from: `pg_type t join ns on ns.oid = t.typnamespace join pg_class k on k.oid = t.typrelid`,
      where: `t.typtype = 'c' and k.relkind = 'c'`,
      scope: ['t.oid', 't.typrelid'],
      values: `'attributes', (select json_agg(json_build_object('name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod), 'collation', case
          when a.attcollation not in (0, b.typcollation) then a.attcollation::regcollation::text end)
        order by a.attnum)
      from pg_attribute a join pg_type b on b.oid = a.atttypid
      where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)`,
      details: `'comments', (select json_object_agg(a.attname, d.description)
      from pg_attribute a join pg_description d on d.objoid = a.attrelid
        and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
      where a.attrelid = t.typrelid and a.attnum > 0)`,
    },
    {
      kind: 'range',
      ...common,
      from: `pg_type t join ns on ns.oid = t.typnamespace join pg_range g on g.rngtypid = t.oid
  join pg_type s on s.oid = g.rngsubtype`,
      where: `t.typtype = 'r'`,
      values: `'subtype', format_type(g.rngsubtype, null),
    'operatorClass', (select case when not o.opcdefault
        then quote_ident(n.nspname) || '.' || quote_ident(o.opcname) end
      from pg_opclass o join pg_namespace n on n.oid = o.opcnamespace where o.oid = g.rngsubopc),
    'collation', case when g.rngcollation not in (0, s.typcollation)
      then g.rngcollation::regcollation::text end,
    'canonical', nullif(g.rngcanonical, 0)::regproc::text,
    'difference', nullif(g.rngsubdiff, 0)::regproc::text,
    'multirange', (select quote_ident(m.typname) from pg_type m where m.oid = g.rngmultitypid)`,
    },
    {
      kind: 'base-type',
      ...common,
      from: 'pg_type t join ns on ns.oid = t.typnamespace',
      where: `(t.typtype = 'b' and t.typelem = 0 or t.typtype = 'p' and not t.typisdefined)`,
      values: `'input', t.typinput::regproc::text, 'output', t.typoutput::regproc::text,
    'length', t.typlen, 'byValue', t.typbyval, 'alignment', t.typalign, 'storage', t.typstorage,
    'category', t.typcategory, 'default', t.typdefault, 'shell', not t.typisdefined`,
    },
    collationBranch(major),
    {
      kind: 'conversion',
      catalog: 'pg_conversion',
      oid: 'c.oid',
      schema: 'ns.name',
      name: 'c.conname',
      from: 'pg_conversion c join ns on ns.oid = c.connamespace',
      values: `'from', pg_encoding_to_char(c.conforencoding), 'to', pg_encoding_to_char(c.contoencoding),
    'function', c.conproc::regproc::text, 'default', c.condefault`,
      environment: environmentOf({ catalog: 'pg_conversion', oid: 'c.oid', owner: 'c.conowner' }),
    },
  ]
}

/** The column of the locale was renamed twice. */
function collationBranch(major: number): Branch {
  const oldLocale = major >= 15 ? 'c.colliculocale' : 'null'
  return {
    kind: 'collation',
    catalog: 'pg_collation',
    oid: 'c.oid',
    schema: 'ns.name',
    name: 'c.collname',
    from: 'pg_collation c join ns on ns.oid = c.collnamespace',
    values: `'provider', case c.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
    'collate', c.collcollate, 'ctype', c.collctype,
    'locale', ${major >= 17 ? 'c.colllocale' : oldLocale},
    'rules', ${major >= 16 ? 'c.collicurules' : 'null'},
    'nondeterministic', not c.collisdeterministic`,
    details: `'version', c.collversion`,
    environment: environmentOf({ catalog: 'pg_collation', oid: 'c.oid', owner: 'c.collowner' }),
  }
}
