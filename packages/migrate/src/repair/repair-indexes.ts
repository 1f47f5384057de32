import { type Fact, nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import type { RepairTarget } from './repair-target.ts'

/** An index that is built beside the running application, outside of the transaction. */
export type IndexRepair = {
  readonly key: string
  /** Qualified and quoted. */
  readonly index: string
  /** In this order, each in a message of its own; the last makes the index whole. */
  readonly statements: readonly string[]
  /** What undoes a build that failed. */
  readonly cleanUp: string
}

/** Takes the indexes out of the target that can be built without keeping anybody waiting. */
export function separateIndexes(
  target: RepairTarget,
  live: ReadonlyMap<string, Fact>,
): IndexRepair[] {
  const apart = [...target.wanted]
    .flatMap((key) => target.facts.get(key) ?? [])
    .filter((fact) => canStandApart(fact, target, live))
  return apart.map((fact) => {
    const there = live.get(fact.key)
    if (there === undefined) target.facts.delete(fact.key)
    else target.facts.set(fact.key, there)
    target.wanted.delete(fact.key)
    return repairOf(fact, there)
  })
}

function canStandApart(fact: Fact, target: RepairTarget, live: ReadonlyMap<string, Fact>): boolean {
  if (fact.kind !== 'index' || isBound(fact) || carriesForeignKey(fact, target)) return false
  const parent = parentOf(fact)
  const table = live.get(`table ${parent}`) ?? live.get(`materialized-view ${parent}`)
  return table !== undefined && table.values['form'] !== 'partitioned'
}

/** Something else of the table's depends on it, or it is declared as half made. */
function isBound({ values }: Fact): boolean {
  const ties = ['constraint', 'partOf', 'clustered', 'replicaIdentity', 'invalid']
  return ties.some((field) => values[field] !== undefined)
}

/** A foreign key may rest on a unique index without a constraint. */
function carriesForeignKey(
  index: Fact,
  { facts, wanted }: Pick<RepairTarget, 'facts' | 'wanted'>,
): boolean {
  return [...wanted].some((key) => facts.get(key)?.details['references'] === parentOf(index))
}

const head = /^CREATE (UNIQUE )?INDEX (?:"(?:[^"]|"")*"|[^\s"]+) ON (?:ONLY )?/

function repairOf(fact: Fact, there: Fact | undefined): IndexRepair {
  const index = nameOf(fact)
  const build = (name: string) =>
    textOf(fact.values['definition']).replace(
      head,
      (_, unique?: string) =>
        `create ${unique === undefined ? '' : 'unique '}index concurrently ${quoteName(name)} on `,
    )
  const drop = `drop index concurrently if exists ${index}`
  const isUsed = there !== undefined && there.values['invalid'] !== true
  if (!isUsed) {
    const statements = there === undefined ? [build(fact.name)] : [drop, build(fact.name)]
    return { key: fact.key, index, statements, cleanUp: drop }
  }
  // The one that is there serves until the declared one is ready.
  const aside = `${Buffer.from(fact.name)
    .subarray(0, 45)
    .toString()
    .replace(/\uFFFD+$/, '')}_repaired`
  const asideName = nameOf({ ...fact, name: aside })
  const dropAside = `drop index concurrently if exists ${asideName}`
  return {
    key: fact.key,
    index,
    statements: [
      dropAside,
      build(aside),
      drop,
      `alter index ${asideName} rename to ${quoteName(fact.name)}`,
    ],
    cleanUp: dropAside,
  }
}
