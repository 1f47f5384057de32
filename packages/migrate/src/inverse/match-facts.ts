import type { Fact, Facts } from '../catalog/fact.ts'
import { placeOf } from '../catalog/dependencies.ts'

/** The same object in two states. */
export type Pair = { readonly current: Fact; readonly target: Fact }

export type Matching = {
  readonly pairs: readonly Pair[]
  /** Only in the current state. */
  readonly extra: readonly Fact[]
  /** Only in the target. */
  readonly missing: readonly Fact[]
}

/**
 * Finds for every object what it is in the other state. Of one database: by its place in the
 * catalog, which a rename does not change, and what is left by name. Of two: by name.
 */
export function matchFacts(
  current: Pick<Facts, 'rows'>,
  target: Pick<Facts, 'rows'>,
  { sameDatabase }: { readonly sameDatabase: boolean },
): Matching {
  const pairs: Pair[] = []
  const left = new Set(target.rows)
  const match = (facts: readonly Fact[], identity: (fact: Fact) => string) => {
    const targets = new Map([...left].map((fact) => [identity(fact), fact]))
    return facts.filter((fact) => {
      const found = targets.get(identity(fact))
      if (found === undefined || !left.delete(found)) return true
      pairs.push({ current: fact, target: found })
      return false
    })
  }
  const place = (fact: Fact) => `${fact.kind} ${placeOf(fact.address)}`
  const unplaced = sameDatabase ? match(current.rows, place) : current.rows
  const extra = match(unplaced, ({ key }) => key)
  return { pairs, extra, missing: [...left] }
}

/** Name without the types of arguments, which change by themselves when a type is renamed. */
export function ownName({ kind, name }: Fact): string {
  return kind === 'function' ? (/^(?:"(?:[^"]|"")*"|[^("]*)/.exec(name)?.[0] ?? name) : name
}
