import type { Node, Parser } from '../text/parser.ts'
import type { Catalog, CatalogObject, Origin } from './catalog.ts'
import type { Key } from './keys.ts'

export type ReferenceKind =
  | 'table'
  | 'column'
  | 'type'
  | 'function'
  | 'schema'
  | 'constraint'
  | 'trigger'
  | 'policy'
  | 'object'

/** A name that nothing has at this point. */
export type Reference = {
  readonly kind: ReferenceKind
  /** As a person would say it: `public.documents.project_id`. */
  readonly name: string
  /** Any of these would be what was meant. */
  readonly keys: readonly Key[]
  /** The identifier that is wrong, without quotes. */
  readonly word: string
  /** Where it stands in the file, in bytes, where the tree says so. */
  readonly byte: number | undefined
  /** Where to begin looking for it where the tree does not say so. */
  readonly near: number | undefined
  /** Something of a similar name that does exist. */
  readonly nearest: string | undefined
  /** A statement earlier on that was meant to make it, and did nothing: `if not exists`. */
  readonly skipped: Skip | undefined
}

/** A statement that does nothing because of `if not exists`. */
export type Skip = { readonly key: Key; readonly by: Origin; readonly existing: Origin | undefined }

/** A name in the body of a trigger's function that no table has. */
export type Suspect = { readonly calledBy: Key; readonly reference: Reference }

/** What a statement does, collected while its tree is read. */
export type Effects = {
  readonly reads: Set<Key>
  /** Looked at only when a function runs: late-bound bodies, branches that may not be taken. */
  readonly softReads: Set<Key>
  readonly writes: Set<Key>
  readonly creates: Set<Key>
  readonly drops: Set<Key>
  /** Keys among `drops` that only changed their name. */
  readonly renames: Set<Key>
  /** What dropped or replaced things depended on: those may go only after this statement. */
  readonly releases: Set<Key>
  readonly dataReads: Set<Key>
  readonly dataWrites: Set<Key>
  /** Words of text that nobody can read; only when `opaque`. */
  readonly tokens: Set<string>
  /** Where a key is first named, in bytes of the file. */
  readonly places: Map<Key, number>
  readonly missing: Reference[]
  readonly lateMissing: Reference[]
  /** Tables that are missing, unless a trigger gives their names to the rows of a statement. */
  readonly suspects: Suspect[]
  /** String constants, to find the labels of enums among them. */
  readonly literals: Set<string>
  /** Keys that already exist where they are made. */
  readonly clashes: Set<Key>
  readonly skips: Skip[]
  /** Things that still hang on what is dropped without CASCADE, with what is dropped. */
  readonly blockers: Map<Key, Key>
  opaque: boolean
  /** Makes things whose names nobody can tell. */
  makesUnknown: boolean
  /** Commits or rolls back by itself; undefined: a procedure that nobody knows. */
  commits: boolean | undefined
}

export function createEffects(): Effects {
  return {
    reads: new Set(),
    softReads: new Set(),
    writes: new Set(),
    creates: new Set(),
    drops: new Set(),
    renames: new Set(),
    releases: new Set(),
    dataReads: new Set(),
    dataWrites: new Set(),
    tokens: new Set(),
    places: new Map(),
    missing: [],
    lateMissing: [],
    suspects: [],
    literals: new Set(),
    clashes: new Set(),
    skips: [],
    blockers: new Map(),
    opaque: false,
    makesUnknown: false,
    commits: false,
  }
}

/** Settings of the session that change what statements mean; a file begins with the defaults. */
export type Session = {
  /** Schemas in which unqualified names are looked up; the first one is where things are made. */
  path: readonly string[]
  readonly defaultPath: readonly string[]
  /** `check_function_bodies`. */
  checksBodies: boolean
}

export type Context = {
  readonly catalog: Catalog
  readonly effects: Effects
  readonly session: Session
  readonly parser: Parser
  readonly origin: Origin
  /** Whether this runs depends on a condition. */
  readonly maybe: boolean
  /** Byte of the file where the text of the tree begins; undefined where nobody can say. */
  readonly base: number | undefined
  /** Byte of the file where the innermost statement begins. */
  readonly near?: number | undefined
  /** Parameters and variables: names that may be no columns. */
  readonly names: ReadonlySet<string>
  /** Key of the function of a trigger whose body this is. */
  readonly triggered?: Key | undefined
  /** Reads one statement; for bodies that hold statements themselves. */
  readonly run: (context: Context, node: Node) => void
  /** The text of the statement; of the outer one inside of bodies. */
  readonly statement: string
  /** The text of the file from a byte on. */
  readonly textFrom: (byte: number) => string
  /** Statements that did nothing because of `if not exists`, of this history so far. */
  readonly skips: Map<Key, Skip>
}

/** Where a location of the tree is in the file. */
export function byteOf(context: Context, location: number | undefined): number | undefined {
  if (context.base === undefined || location === undefined || location < 0) return undefined
  return context.base + location
}

export function read(context: Context, key: Key, byte?: number): void {
  const { reads, places } = context.effects
  reads.add(key)
  if (byte !== undefined && !places.has(key)) places.set(key, byte)
}

export function write(context: Context, key: Key): void {
  context.effects.writes.add(key)
}

/** Notes a key that begins to exist; one that is there already is a clash. */
export function create(context: Context, key: Key): void {
  const known = context.catalog.get(key)
  if (known !== undefined && !known.maybe && !context.maybe) context.effects.clashes.add(key)
  context.effects.creates.add(key)
  context.effects.writes.add(key)
}

/** Notes keys that end, and lets go of what they depended on. */
export function drop(
  context: Context,
  fallen: readonly Pick<CatalogObject, 'key' | 'deps'>[],
): void {
  const { drops, writes } = context.effects
  const gone = new Set(fallen.map(({ key }) => key))
  for (const object of fallen) {
    drops.add(object.key)
    writes.add(object.key)
    for (const dep of object.deps) if (!gone.has(dep)) letGo(context, object, dep)
  }
}

/** Indexes and constraints let the type of a column change under them; nothing else does. */
export function letGo(context: Context, holder: Pick<CatalogObject, 'key'>, dep: Key): void {
  const { releases } = context.effects
  releases.add(dep)
  const isAttached =
    /^(?:k|pk|st):/.test(holder.key) ||
    ('relationKind' in holder && holder.relationKind === 'index')
  if (dep.startsWith('c:') && !isAttached) releases.add(`${dep}#type`)
}

/** Notes that something is missing, unless somebody may have made it where nobody could see. */
export function miss(context: Context, reference: Omit<Reference, 'skipped' | 'near'>): void {
  const { catalog, effects, maybe, skips } = context
  for (const key of reference.keys) read(context, key, reference.byte)
  if (catalog.open || catalog.tokens.has(reference.word)) return
  const skipped = reference.keys.map((key) => skipOf(skips, key)).find((skip) => skip !== undefined)
  const found = { ...reference, skipped, near: context.near }
  if (maybe) effects.lateMissing.push(found)
  else effects.missing.push(found)
}

/** The statement that was to make a column, or its table, and did nothing. */
function skipOf(skips: ReadonlyMap<Key, Skip>, key: Key): Skip | undefined {
  if (!key.startsWith('c:')) return skips.get(key)
  const dot = key.lastIndexOf('.')
  return skips.get(key) ?? skips.get(`t:${key.slice(2, dot)}`)
}

/** Reads with effects of their own; what they read is what a definition depends on. */
export function capture(context: Context, work: (inner: Context) => void): Set<Key> {
  const effects = createEffects()
  work({ ...context, effects })
  mergeEffects(context.effects, effects)
  return new Set([...effects.reads].filter((key) => isObjectKey(key)))
}

const isObjectKey = (key: Key) =>
  !key.startsWith('d:') && !key.includes('#') && !key.endsWith('*') && !key.endsWith('*)')

/** Gone when the file ends, so nobody else can meet it. */
export const isTemporary = (key: Key) => /^\w+:pg_temp\./.test(key)

const setNames = [
  'reads',
  'softReads',
  'writes',
  'creates',
  'drops',
  'renames',
  'releases',
  'dataReads',
  'dataWrites',
  'tokens',
  'literals',
  'clashes',
] as const

export function mergeEffects(into: Effects, from: Effects): void {
  for (const name of setNames) for (const key of from[name]) into[name].add(key)
  for (const [key, byte] of from.places) if (!into.places.has(key)) into.places.set(key, byte)
  into.missing.push(...from.missing)
  into.lateMissing.push(...from.lateMissing)
  into.suspects.push(...from.suspects)
  into.skips.push(...from.skips)
  for (const [key, gone] of from.blockers) into.blockers.set(key, gone)
  into.opaque ||= from.opaque
  into.makesUnknown ||= from.makesUnknown
  if (from.commits !== false) into.commits = from.commits
}
