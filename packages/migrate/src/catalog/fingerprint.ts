import { createHash } from 'node:crypto'
import type { Fact, Facts } from './fact.ts'
import { stableJson } from './stable-json.ts'

/** SHA-256 in hex of each of the three groups of fields. */
export type Fingerprint = {
  /** Of what the declared schema is; this is what the ledger keeps. */
  readonly structure: string
  /** Of order, storage, tablespaces and versions. */
  readonly details: string
  /** Of owners, rights and comments. */
  readonly environment: string
}

/** Equal for databases of one major version that hold the same; see `Fact` for the three groups. */
export function fingerprintOf({ rows }: Pick<Facts, 'rows'>): Fingerprint {
  const hash = (group: keyof Texts) => {
    const sum = createHash('sha256')
    for (const fact of rows) sum.update(`${fact.key}\n${textsOf(fact)[group]}\n`)
    return sum.digest('hex')
  }
  return {
    structure: hash('values'),
    details: hash('details'),
    environment: hash('environment'),
  }
}

type Texts = { readonly [Group in 'values' | 'details' | 'environment']: string }

const known = new WeakMap<Fact, Texts>()

/** Facts never change, and one reading hands most of them on to the next. */
function textsOf(fact: Fact): Texts {
  const found = known.get(fact)
  if (found !== undefined) return found
  const texts = {
    values: stableJson(fact.values),
    details: stableJson(fact.details),
    environment: stableJson(fact.environment),
  }
  known.set(fact, texts)
  return texts
}

/** What changed between two readings of one database, field by field and without any leniency. */
export type FactsDiff = {
  readonly added: readonly Fact[]
  readonly removed: readonly Fact[]
  /** Same key, other fields in any group. */
  readonly changed: readonly { readonly before: Fact; readonly after: Fact }[]
}

/** Exact difference; objects are matched by key, so a rename shows as removed and added. */
export function diffFacts(before: Pick<Facts, 'rows'>, after: Pick<Facts, 'rows'>): FactsDiff {
  const old = new Map(before.rows.map((fact) => [fact.key, fact]))
  const added: Fact[] = []
  const changed: { before: Fact; after: Fact }[] = []
  for (const fact of after.rows) {
    const was = old.get(fact.key)
    old.delete(fact.key)
    if (was === undefined) added.push(fact)
    else if (!sameFact(was, fact)) changed.push({ before: was, after: fact })
  }
  return { added, removed: [...old.values()], changed }
}

/** Whether two facts tell the same in all three groups. */
export function sameFact(a: Fact, b: Fact): boolean {
  // An incremental reading hands on the very facts that it did not have to read again.
  if (a === b) return true
  const [one, other] = [textsOf(a), textsOf(b)]
  return (
    one.values === other.values &&
    one.details === other.details &&
    one.environment === other.environment
  )
}
