import {
  columnKey,
  type Key,
  lastName,
  type PartPrefix,
  partKey,
  relationKey,
  type RelationName,
  schemaKey,
  starKey,
  typeKey,
  uniqueKey,
} from './keys.ts'

export type RelationKind = 'table' | 'view' | 'matview' | 'sequence' | 'index' | 'composite'

/** Where something was made: the id of a migration and a statement of it. */
export type Origin = { readonly migration: string; readonly statementNo: number }

/** Something that exists, with what it hangs on. Everything is advice: the shadow knows better. */
export type CatalogObject = {
  key: Key
  /** Keys of what PostgreSQL would not let go while this stands. */
  deps: Set<Key>
  /** Goes when that goes. */
  parent: Key | undefined
  /** Nobody knows whether it exists: made or dropped where a condition decides. */
  maybe: boolean
  readonly origin: Origin | undefined
}

export type Relation = CatalogObject & {
  name: RelationName
  readonly relationKind: RelationKind
  /** Names of columns in order. */
  readonly columns: Map<string, ColumnFacts>
  /** There may be columns that nobody could read from the text. */
  open: boolean
  /** Keys of tables whose columns it has as well. */
  readonly inherits: Set<Key>
  readonly partitioned: boolean
}

export type ColumnFacts = {
  /** Key of a type of ours. */
  type: Key | undefined
  /** Name of a built-in type, lower case. */
  builtinType: string | undefined
  hasDefault: boolean
}

export type TypeFacts = CatalogObject & {
  name: RelationName
  /** Labels of an enum in the order of their making; undefined for every other type. */
  readonly labels: Set<string> | undefined
}

export type FunctionFacts = CatalogObject & {
  name: RelationName
  /** What running it does, where its body could be read. */
  readonly body: BodyFacts | undefined
}

/** What happens when a function is called. */
export type BodyFacts = {
  readonly reads: ReadonlySet<Key>
  readonly writes: ReadonlySet<Key>
  readonly tokens: ReadonlySet<string>
  /** Commits or rolls back by itself. */
  readonly commits: boolean
  /** Makes things other than temporary ones, under names that perhaps nobody can tell. */
  readonly makes: boolean
}

/** The state of the schema between two statements, as far as texts tell. */
export type Catalog = {
  readonly objects: Map<Key, CatalogObject>
  /** Nothing can be changed: what is read now only runs later. */
  readonly frozen: boolean
  /** Things may exist that nobody told: the history begins on an older base, or was opaque. */
  open: boolean
  /** Words of opaque statements: things of these names may exist or may be gone. */
  readonly tokens: Set<string>
  /** Names that triggers give to the rows of a statement, by the key of the function that they call. */
  readonly rowNames: Map<Key, Set<string>>
  has(key: Key): boolean
  get(key: Key): CatalogObject | undefined
  relation(key: Key): Relation | undefined
  add(object: CatalogObject): void
  /** Takes an object away with its children and all that falls without CASCADE, or with it. */
  remove(key: Key, cascade?: boolean): CatalogObject[]
  /** Objects that depend on this one; not its children. */
  dependents(key: Key): CatalogObject[]
  children(key: Key): CatalogObject[]
  /** Functions, whatever their arguments, by the part of their key before them: `f:public.g`. */
  functionsNamed(stem: Key): FunctionFacts[]
  /** Gives objects new keys wherever they are named. */
  rekey(changes: ReadonlyMap<Key, Key>): void
  setDeps(object: CatalogObject, deps: Iterable<Key>): void
  setParent(object: CatalogObject, parent: Key | undefined): void
}

export function isRelation(object: CatalogObject | undefined): object is Relation {
  return object !== undefined && 'relationKind' in object
}
export function isType(object: CatalogObject | undefined): object is TypeFacts {
  return object !== undefined && 'labels' in object
}
export function isFunction(object: CatalogObject | undefined): object is FunctionFacts {
  return object !== undefined && 'body' in object
}

/** An empty database: `public` and nothing else. */
export function createCatalog(): Catalog {
  const objects = new Map<Key, CatalogObject>()
  const users = createIndex()
  const parents = createIndex()
  const overloads = createIndex()
  const stemOf = (key: Key) => key.slice(0, key.indexOf('('))

  const link = (object: CatalogObject) => {
    objects.set(object.key, object)
    if (isFunction(object)) overloads.add(stemOf(object.key), object.key)
    for (const dep of object.deps) users.add(dep, object.key)
    if (object.parent !== undefined) parents.add(object.parent, object.key)
  }
  const unlink = (object: CatalogObject) => {
    objects.delete(object.key)
    if (isFunction(object)) overloads.delete(stemOf(object.key), object.key)
    for (const dep of object.deps) users.delete(dep, object.key)
    if (object.parent !== undefined) parents.delete(object.parent, object.key)
  }
  const existing = (keys: Iterable<Key>) =>
    [...keys].map((key) => objects.get(key)).filter((object) => object !== undefined)

  const catalog: Catalog = {
    objects,
    frozen: false,
    open: false,
    tokens: new Set(),
    rowNames: new Map(),
    has: (key) => objects.has(key),
    get: (key) => objects.get(key),
    relation: (key) => {
      const object = objects.get(key)
      return isRelation(object) ? object : undefined
    },
    add(object) {
      const old = objects.get(object.key)
      if (old !== undefined) unlink(old)
      link(object)
    },
    remove(key, cascade = false) {
      const fallen = fallenWith(key, catalog, cascade)
      for (const object of fallen) unlink(object)
      return fallen
    },
    dependents: (key) => existing(users.of(key)),
    children: (key) => existing(parents.of(key)),
    functionsNamed: (stem) => existing(overloads.of(stem)).filter(isFunction),
    rekey(changes) {
      const touched = new Set(
        [...changes.keys()].flatMap((key) => [key, ...users.of(key), ...parents.of(key)]),
      )
      const list = existing(touched)
      for (const object of list) unlink(object)
      for (const object of list) link(rekeyed(object, changes))
    },
    setDeps(object, deps) {
      unlink(object)
      object.deps = new Set(deps)
      link(object)
    },
    setParent(object, parent) {
      unlink(object)
      object.parent = parent
      link(object)
    },
  }
  link({
    key: schemaKey('public'),
    deps: new Set(),
    parent: undefined,
    maybe: false,
    origin: undefined,
  })
  return catalog
}

/** The same catalog for reading: what would change it has no effect. */
export function frozenCatalog(catalog: Catalog): Catalog {
  return {
    ...catalog,
    frozen: true,
    tokens: new Set(catalog.tokens),
    add: () => {},
    remove: (key) => existingOnly(catalog.get(key)),
    rekey: () => {},
    setDeps: () => {},
    setParent: () => {},
  }
}

const existingOnly = (object: CatalogObject | undefined) => (object === undefined ? [] : [object])

/** Which keys point at a key. */
function createIndex() {
  const lists = new Map<Key, Set<Key>>()
  return {
    of: (key: Key): ReadonlySet<Key> => lists.get(key) ?? new Set(),
    add(key: Key, by: Key) {
      const list = lists.get(key) ?? new Set()
      lists.set(key, list.add(by))
    },
    delete(key: Key, by: Key) {
      lists.get(key)?.delete(by)
    },
  }
}

function rekeyed(object: CatalogObject, changes: ReadonlyMap<Key, Key>): CatalogObject {
  const renew = (key: Key) => changes.get(key) ?? key
  object.key = renew(object.key)
  object.deps = new Set([...object.deps].map(renew))
  if (object.parent !== undefined) object.parent = renew(object.parent)
  return object
}

/** A key, its children, what PostgreSQL drops silently with them, and with CASCADE all dependants. */
function fallenWith(key: Key, catalog: Catalog, cascade: boolean): CatalogObject[] {
  const fallen = new Map<Key, CatalogObject>()
  const waiting = [key]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const object = catalog.get(next)
    if (object === undefined || fallen.has(next)) continue
    fallen.set(next, object)
    waiting.push(...catalog.children(next).map((child) => child.key))
    const dependents = catalog.dependents(next)
    const going = dependents.filter((other) => cascade || fallsSilently(other, object))
    waiting.push(...going.map((other) => other.key))
  }
  return [...fallen.values()]
}

/** Indexes, constraints and statistics go with a column of their own table. */
function fallsSilently(other: CatalogObject, gone: CatalogObject): boolean {
  const attached =
    /^(?:k|pk|st):/.test(other.key) || (isRelation(other) && other.relationKind === 'index')
  if (!attached || !gone.key.startsWith('c:')) return false
  return other.parent === gone.parent || other.parent?.startsWith('k:') === true
}

export type NewRelation = Partial<
  Pick<Relation, 'columns' | 'open' | 'partitioned' | 'maybe' | 'parent' | 'origin'>
> & {
  readonly name: RelationName
  readonly relationKind: RelationKind
  readonly deps?: Iterable<Key>
  readonly inherits?: Iterable<Key>
}

/** A relation whose columns are objects of their own as well. */
export function addRelation(catalog: Catalog, relation: NewRelation): Relation {
  const { name, deps = [], inherits = [], columns = new Map<string, ColumnFacts>() } = relation
  const object: Relation = {
    open: false,
    partitioned: false,
    maybe: false,
    parent: undefined,
    origin: undefined,
    ...relation,
    key: relationKey(name),
    deps: new Set([...deps, schemaKey(name.schema)]),
    inherits: new Set(inherits),
    columns: new Map(),
  }
  catalog.add(object)
  for (const [column, facts] of columns) addColumn(catalog, object, { column, facts })
  return object
}

type NewColumn = {
  readonly column: string
  readonly facts: ColumnFacts
  readonly deps?: Iterable<Key>
  readonly maybe?: boolean
  readonly origin?: Origin | undefined
}

export function addColumn(catalog: Catalog, relation: Relation, added: NewColumn): CatalogObject {
  const { column, facts, deps = [], maybe = relation.maybe, origin = relation.origin } = added
  if (!catalog.frozen) relation.columns.set(column, facts)
  const own = facts.type === undefined ? [] : [facts.type]
  const object: CatalogObject = {
    key: columnKey(relation.name, column),
    deps: new Set([...own, ...deps]),
    parent: relation.key,
    maybe,
    origin,
  }
  catalog.add(object)
  return object
}

/** Removes columns that have gone from the lists of their relations. */
export function forgetColumns(catalog: Catalog, fallen: readonly CatalogObject[]): void {
  if (catalog.frozen) return
  for (const object of fallen) {
    if (!object.key.startsWith('c:') || object.parent === undefined) continue
    const relation = catalog.relation(object.parent)
    if (relation === undefined) continue
    for (const column of relation.columns.keys())
      if (columnKey(relation.name, column) === object.key) relation.columns.delete(column)
  }
}

const carriers = new Set(['c', 'k', 'tg', 'pol', 'ru', 'pk', 'ty'])

/**
 * Renames a relation with everything that carries its name.
 *
 * @returns keys that went, with the keys that came
 */
export function renameRelation(
  catalog: Catalog,
  relation: Relation,
  to: RelationName,
): Map<Key, Key> {
  const from = relation.name
  const changes = new Map<Key, Key>([[relationKey(from), relationKey(to)]])
  if (catalog.frozen) return changes
  const stems = { from: relationKey(from).slice(2), to: relationKey(to).slice(2) }
  for (const { key } of descendants(catalog, relation.key)) {
    const renamed = withStem(key, stems)
    if (renamed !== undefined) changes.set(key, renamed)
  }
  changes.set(starKey(from), starKey(to))
  changes.set(typeKey(from), typeKey(to))
  catalog.rekey(changes)
  for (const other of catalog.objects.values())
    if (isRelation(other) && other.inherits.delete(relationKey(from)))
      other.inherits.add(relationKey(to))
  relation.name = to
  return changes
}

function descendants(catalog: Catalog, key: Key): CatalogObject[] {
  return catalog.children(key).flatMap((child) => [child, ...descendants(catalog, child.key)])
}

/** `c:public.a.x` for `c:public.b.x`; undefined where the key does not carry the name. */
function withStem(
  key: Key,
  stems: { readonly from: string; readonly to: string },
): Key | undefined {
  const colon = key.indexOf(':')
  const rest = key.slice(colon + 1)
  if (!carriers.has(key.slice(0, colon)) || !rest.startsWith(stems.from)) return undefined
  const tail = rest.slice(stems.from.length)
  return tail === '' || /^[.(#]/.test(tail)
    ? `${key.slice(0, colon)}:${stems.to}${tail}`
    : undefined
}

export function renameColumn(
  catalog: Catalog,
  relation: Relation,
  { from, to }: { from: string; to: string },
): void {
  if (catalog.frozen) return
  const entries = [...relation.columns].map(([name, facts]): [string, ColumnFacts] => [
    name === from ? to : name,
    facts,
  ])
  relation.columns.clear()
  for (const [name, facts] of entries) relation.columns.set(name, facts)
  const changes = new Map([[columnKey(relation.name, from), columnKey(relation.name, to)]])
  for (const { key } of catalog.children(columnKey(relation.name, from)))
    if (key.includes('#'))
      changes.set(key, `${columnKey(relation.name, to)}${key.slice(key.lastIndexOf('#'))}`)
  for (const object of catalog.dependents(columnKey(relation.name, from)))
    if (object.key.startsWith('pk:') && object.key.endsWith(')'))
      changes.set(
        object.key,
        uniqueKey(
          relation.name,
          uniqueColumns(object).map((name) => (name === from ? to : name)),
        ),
      )
  catalog.rekey(changes)
}

const uniqueColumns = (unique: CatalogObject) =>
  [...unique.deps].filter((dep) => dep.startsWith('c:')).map(lastName)

/** A part of a relation that has no columns of its own: constraint, trigger, policy, rule. */
export function addPart(
  catalog: Catalog,
  relation: RelationName,
  part: {
    readonly prefix: PartPrefix
    readonly name: string
    readonly deps: Iterable<Key>
    readonly maybe?: boolean
    readonly origin?: Origin | undefined
  },
): CatalogObject {
  const object: CatalogObject = {
    key: partKey(part.prefix, relation, part.name),
    deps: new Set(part.deps),
    parent: relationKey(relation),
    maybe: part.maybe ?? false,
    origin: part.origin,
  }
  catalog.add(object)
  return object
}
