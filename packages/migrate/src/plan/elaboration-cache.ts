import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Fact, Facts } from '../catalog/fact.ts'
import { sameFact } from '../catalog/fingerprint.ts'
import type { ElaboratedMigration } from './elaboration.ts'

/** What was found out about one migration, without what can be read from its file. */
export type KnownMigration = {
  /** Of everything that it depends on: see `keyOf`. */
  readonly key: string
  readonly observations: ElaboratedMigration['observations']
  readonly fingerprints: ElaboratedMigration['fingerprints']
  readonly inverse: ElaboratedMigration['inverse']
  readonly prefixes: ElaboratedMigration['prefixes']
  /** From what was there before it to what it leaves behind. */
  readonly toAfter: RowsChange
  /** From there to what the next one begins on: a proof makes objects anew at other places. */
  readonly toNext: RowsChange
}

/** What one run of the shadow has found out. */
export type KnownElaboration = {
  readonly expected: Facts
  /** In the order in which they were tried. */
  readonly migrations: readonly KnownMigration[]
}

/** Facts that went, and facts that came or changed, by key. */
export type RowsChange = { readonly gone: readonly string[]; readonly rows: readonly Fact[] }

export type ElaborationCache = {
  /** Undefined where nothing is known, or where what is there is not whole. */
  read(): Promise<KnownElaboration | undefined>
  /** Never rejects: a full disk makes the next plan slower, no more. */
  write(known: KnownElaboration): Promise<void>
}

/** Raised whenever the shadow comes to find out more, or otherwise. */
const formatVersion = '3'
const ending = '.elaboration'
const hashLength = 32
const keptMax = 4

/**
 * What the shadow has found out about pending migrations, kept beside the images: planning the same
 * files again asks no database but the target.
 *
 * @param base everything that it depends on beside the pending files
 */
export function openElaborationCache(
  directory: string,
  base: Readonly<Record<string, unknown>>,
): ElaborationCache {
  const name = `${hashOf([formatVersion, base])}${ending}`
  const path = join(directory, name)
  return {
    async read() {
      const file = await readFile(path).catch(() => undefined)
      if (file === undefined) return undefined
      const bytes = file.subarray(hashLength)
      const isWhole = createHash('sha256')
        .update(bytes)
        .digest()
        .equals(file.subarray(0, hashLength))
      try {
        if (isWhole) return deserialize(bytes) as KnownElaboration
      } catch {
        // Another version of Node has written it.
      }
      await rm(path, { force: true })
      return undefined
    },
    async write(known) {
      const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
      try {
        await mkdir(directory, { recursive: true })
        const bytes = serialize(known)
        await writeFile(draft, [createHash('sha256').update(bytes).digest(), bytes])
        await rename(draft, path)
        await removeOldest(directory, name)
      } catch {
        // A cache that cannot be written is an empty cache.
      } finally {
        await rm(draft, { force: true }).catch(() => {})
      }
    },
  }
}

async function removeOldest(directory: string, except: string): Promise<void> {
  const names = (await readdir(directory)).filter(
    (name) => name.endsWith(ending) && name !== except,
  )
  const files = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs } = await stat(join(directory, name)).catch(() => ({ mtimeMs: 0 }))
      return { name, mtimeMs }
    }),
  )
  const old = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs).slice(keptMax - 1)
  for (const { name } of old) await rm(join(directory, name), { force: true })
}

type Tried = Pick<ElaboratedMigration, 'source' | 'checksum'>

/** Keys of pending migrations: each depends on those before it, and on its own way back. */
export function keysOf(pending: readonly Tried[]): string[] {
  const before: string[] = []
  return pending.map(({ source: { id, downText, header }, checksum }) => {
    before.push(`${id} ${checksum}`)
    return hashOf([before, downText ?? '', header])
  })
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** What has to change in one reading to give the other; places in the catalog count as well. */
export function changeBetween(before: Facts, after: Facts): RowsChange {
  if (before === after) return { gone: [], rows: [] }
  const old = new Map(before.rows.map((fact) => [fact.key, fact]))
  const rows = after.rows.filter((fact) => {
    const was = old.get(fact.key)
    old.delete(fact.key)
    return was === undefined || !sameFact(was, fact) || !samePlace(was, fact)
  })
  return { gone: [...old.keys()], rows }
}

function samePlace({ address: a }: Fact, { address: b }: Fact): boolean {
  return a.oid === b.oid && a.column === b.column && a.catalog === b.catalog
}

/** The other reading; both are sorted by key. */
export function withChange(before: Facts, { gone, rows }: RowsChange): Facts {
  if (gone.length + rows.length === 0) return before
  const left = new Set([...gone, ...rows.map(({ key }) => key)])
  const kept = before.rows.filter(({ key }) => !left.has(key))
  return { major: before.major, rows: merged(kept, rows) }
}

function merged(left: readonly Fact[], right: readonly Fact[]): Fact[] {
  const all: Fact[] = []
  let at = 0
  for (const fact of left) {
    for (let next = right[at]; next !== undefined && next.key < fact.key; next = right[at]) {
      all.push(next)
      at += 1
    }
    all.push(fact)
  }
  return [...all, ...right.slice(at)]
}

/**
 * Migrations as they were tried, for the pending files that these were. What each finds and leaves
 * behind is put together when somebody asks for it.
 */
export function rebuild(
  pending: readonly (Tried & Pick<ElaboratedMigration, 'analysis'>)[],
  { expected, migrations }: KnownElaboration,
): ElaboratedMigration[] {
  let before = once(() => expected)
  return pending.slice(0, migrations.length).flatMap((one, index): ElaboratedMigration[] => {
    const known = migrations[index]
    if (known === undefined) return []
    const from = before
    const after = once(() => withChange(from(), known.toAfter))
    before = once(() => withChange(after(), known.toNext))
    const { observations, fingerprints, inverse, prefixes } = known
    return [
      {
        source: one.source,
        checksum: one.checksum,
        analysis: one.analysis,
        observations,
        fingerprints,
        inverse,
        prefixes,
        get before() {
          return from()
        },
        get after() {
          return after()
        },
      },
    ]
  })
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
