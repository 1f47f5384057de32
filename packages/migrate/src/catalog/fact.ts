import { quoteName } from './identifier.ts'

/** What a fact tells about. */
export type FactKind =
  | 'extension'
  | 'schema'
  | 'table'
  | 'column'
  | 'constraint'
  | 'index'
  | 'view'
  | 'materialized-view'
  | 'sequence'
  | 'function'
  | 'trigger'
  | 'rule'
  | 'policy'
  | 'enum'
  | 'domain'
  | 'domain-constraint'
  | 'composite'
  | 'range'
  | 'base-type'
  | 'statistics'
  | 'publication'
  | 'event-trigger'
  | 'foreign-data-wrapper'
  | 'foreign-server'
  | 'cast'
  | 'operator'
  | 'operator-class'
  | 'operator-family'
  | 'collation'
  | 'conversion'
  | 'language'
  | 'text-search-configuration'
  | 'text-search-dictionary'
  | 'text-search-parser'
  | 'text-search-template'
  | 'default-privileges'
  | 'security-label'

/** What the catalog holds under a name; only JSON. */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value }

/** Fields of a fact by name; what is null, false or empty in the catalog is absent. */
export type Values = { readonly [name: string]: Value }

/** Where the object stands in the catalog of the database that was read; never compared. */
export type Address = {
  /** Name of the catalog, such as `pg_class`. */
  readonly catalog: string
  readonly oid: number
  /** Number of the column; 0 for whole objects. */
  readonly column: number
}

/** One object of a database, as three groups of fields that are compared apart. */
export type Fact = {
  readonly kind: FactKind
  /** Kind and quoted name: the same object has the same key in every database. */
  readonly key: string
  /** Absent for what lies in no schema. */
  readonly schema?: string
  /** Table, view or domain that it belongs to, in the same schema. */
  readonly parent?: string
  /** Unquoted; functions and operators with the types of their arguments. */
  readonly name: string
  /** What the declared schema is. */
  readonly values: Values
  /** What two equal schemas may differ in: order of columns, storage, tablespace, versions. */
  readonly details: Values
  /** What differs between installations: `owner`, `acl`, `comment`, `label`. */
  readonly environment: Values
  readonly address: Address
}

/** What was read of a database at one moment. */
export type Facts = {
  /** Such as 18; facts of different majors are spelled differently. */
  readonly major: number
  /** Sorted by key, which is unique. */
  readonly rows: readonly Fact[]
}

/** Kinds whose objects share the names of one schema's relations. */
export const relationKinds: ReadonlySet<FactKind> = new Set([
  'table',
  'index',
  'view',
  'materialized-view',
  'sequence',
])

/** Kinds whose name is written as SQL already, because it holds more than a name. */
const ready: ReadonlySet<FactKind> = new Set([
  'function',
  'operator',
  'operator-class',
  'operator-family',
])

type Named = Pick<Fact, 'kind' | 'name'> & {
  readonly schema?: string | undefined
  readonly parent?: string | undefined
}

/** The name in SQL: qualified and quoted where needed. Children stand behind their parent. */
export function nameOf({ kind, schema, parent, name }: Named): string {
  const own = ready.has(kind) ? name : quoteName(name)
  // An index lives in its schema, not in its table; casts are named by what they cast.
  const inParent = parent !== undefined && kind !== 'index'
  const parts = [schema, inParent ? parent : undefined].filter((part) => part !== undefined)
  if (kind === 'cast' || kind === 'default-privileges' || kind === 'security-label') return name
  return [...parts.map(quoteName), own].join('.')
}

/** Stable name of an object among all kinds, such as `column public.users.email`. */
export function keyOf(named: Named): string {
  return `${named.kind} ${nameOf(named)}`
}
