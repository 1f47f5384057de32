import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Facts } from '../catalog/fact.ts'
import type { InverseLoss, InverseStep } from '../inverse/pre-image.ts'
import type { Objection } from '../objection.ts'
import type { DataLoss } from '../shadow/losses.ts'
import type { Observation } from '../shadow/replay.ts'
import type { MigrationSource } from '../text/source.ts'

/** Where a plan was tried out. */
export type ShadowKind =
  | { readonly kind: 'pglite' | 'server'; readonly major: number }
  /** It could not be tried anywhere that is like the target; nothing of it is proven. */
  | { readonly kind: 'none'; readonly because: string }

/** What undoes a migration and what is known about it. */
export type ProvenInverse =
  | {
      /** `lossy`: the schema comes back exactly; rows only from the pre-images of `losses`. */
      readonly kind: 'exact' | 'lossy'
      /** Written by hand in the `.down.sql`, or found from the catalog. */
      readonly origin: 'hand' | 'generated'
      /** In the order in which they run. */
      readonly steps: readonly InverseStep[]
      readonly losses: readonly InverseLoss[]
      /** What the inverse removes together with all that was written into it since. */
      readonly discards: readonly DataLoss[]
      /** Why a hand-written one is not the one that is offered; absent where there is none. */
      readonly handRefused?: string
    }
  | { readonly kind: 'none'; readonly because: string }

/** What the shadow showed about one migration that has not run on the target. */
export type ElaboratedMigration = {
  readonly source: MigrationSource
  readonly checksum: string
  readonly analysis: MigrationAnalysis
  /** One for each statement of the analysis, in its order. */
  readonly observations: readonly Observation[]
  /** What the shadow held before and after it. */
  readonly before: Facts
  readonly after: Facts
  /** Fingerprints before the first statement and after each; one more than there are statements. */
  readonly fingerprints: readonly string[]
  readonly inverse: ProvenInverse
  /**
   * What undoes the first statements of a migration that is committed in parts, by the number of the
   * last of them.
   */
  readonly prefixes: ReadonlyMap<number, ProvenInverse>
}

/** What the pending migrations were tried on top of. */
export type ShadowStart =
  /** What the completed ones leave behind, which is what the target holds as far as anybody said. */
  | { readonly kind: 'declared' }
  /** The target holds something else; these statements have made the shadow the same. */
  | { readonly kind: 'live'; readonly statements: readonly string[] }
  /** The target holds something else that could not be made here; objects by key. */
  | { readonly kind: 'unlike-live'; readonly left: readonly string[] }

/** What came out when the pending migrations were tried after the completed ones. */
export type Elaboration = {
  readonly shadow: ShadowKind
  /** What the target should hold now; undefined where nothing could be tried. */
  readonly expected: Facts | undefined
  /** Undefined where nothing could be tried. */
  readonly start?: ShadowStart
  /** Pending migrations in the order in which they will run, up to the first that failed. */
  readonly migrations: readonly ElaboratedMigration[]
  /** What PostgreSQL itself refused, with the place in the file. */
  readonly objections: readonly Objection[]
}
