import { createCatalogReader, type CatalogReader } from '../catalog/catalog-reader.ts'
import { useMakingSettings } from './making-settings.ts'
import type { Facts } from '../catalog/fact.ts'
import { diffFacts } from '../catalog/fingerprint.ts'
import type { Query } from '../catalog/query.ts'
import { lossesOf, type DataLoss } from '../shadow/losses.ts'
import { converge, type Route } from './converge.ts'
import { lossesWithPlans, withRestores, type InverseLoss, type InverseStep } from './pre-image.ts'

/** What undoes a migration, as it was tried out on the database after the migration. */
export type Inverse =
  /** The schema comes back exactly, and there is no data that it could not bring back. */
  | (Found & { readonly kind: 'exact' })
  /** The schema comes back exactly; data only with the pre-images. */
  | (Found & { readonly kind: 'lossy'; readonly losses: readonly InverseLoss[] })
  | {
      readonly kind: 'none'
      /** Why, for people: the objects and what the server said. */
      readonly because: string
      /** Objects that would not be what they were, by key. */
      readonly left: readonly string[]
    }

type Found = {
  readonly steps: readonly InverseStep[]
  /** Tables and columns that the inverse removes, with what was written into them since. */
  readonly discards: readonly DataLoss[]
  /** Columns that come back at the end of their table, by key. */
  readonly moved: readonly string[]
}

export type DeriveOptions = {
  readonly query: Query
  /** Whether the caller's transaction is open; it stays open and unchanged. */
  readonly transaction: 'none' | 'open'
  /** State to come back to, read from this very database. */
  readonly before: Facts
  /** State that the database is in. */
  readonly after: Facts
  /** What the migration did to data, as the replay saw it. */
  readonly losses: readonly DataLoss[]
  readonly ledgerSchema?: string
}

/**
 * Finds statements that bring the catalog back to what it was, by trying them out in a transaction
 * that is rolled back. Drops go in reverse order of dependence and without CASCADE.
 */
export async function deriveInverse(options: DeriveOptions): Promise<Inverse> {
  const { before, after } = options
  const route = await tryRoute(options)
  if (route.kind === 'not-found') return { kind: 'none', because: explain(route), left: route.left }
  const undoing = lossesOf(diffFacts(after, before))
  const losses = [
    ...lossesWithPlans([...options.losses, ...lossesOf(diffFacts(before, after))], before, after),
    // Rows that hold a label which goes stop the inverse; no copy of theirs could help.
    ...undoing
      .filter(({ kind }) => kind === 'enum-label')
      .map((loss): InverseLoss => ({ loss, preImage: undefined })),
  ]
  const found: Found = {
    steps: withRestores(route.statements, losses),
    discards: undoing.filter(({ kind }) => kind === 'table' || kind === 'column'),
    moved: route.moved,
  }
  return losses.length === 0 ? { kind: 'exact', ...found } : { kind: 'lossy', ...found, losses }
}

/** The statements of an inverse, without the data. */
export function statementsOf(inverse: Exclude<Inverse, { kind: 'none' }>): string[] {
  return inverse.steps.flatMap((step) => (step.kind === 'sql' ? [step.text] : []))
}

async function tryRoute({
  query,
  transaction,
  before,
  ledgerSchema,
}: DeriveOptions): Promise<Route> {
  const [begin, ...end] =
    transaction === 'open'
      ? [
          'savepoint studioops_inverse',
          'rollback to savepoint studioops_inverse',
          'release savepoint studioops_inverse',
        ]
      : ['begin', 'rollback']
  const reader: CatalogReader = createCatalogReader(
    query,
    ledgerSchema === undefined ? {} : { ledgerSchema },
  )
  await query(begin)
  try {
    await useMakingSettings(query)
    return await converge({
      query,
      readFacts: () => reader.refresh({ transaction: 'open' }),
      target: before,
      sameDatabase: true,
    })
  } finally {
    for (const text of end) await query(text)
  }
}

function explain({ left, errors }: Route & { kind: 'not-found' }): string {
  const said = errors.map(({ text, error }) => `${error.message} (${error.sqlstate}) at: ${text}`)
  return [`not restored: ${left.join(', ')}`, ...said].join('; ')
}
