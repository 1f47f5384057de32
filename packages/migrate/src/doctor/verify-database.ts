import type { MigrationAnalysis } from '../analyse/analysis.ts'
import type { Facts } from '../catalog/fact.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import type { Objection } from '../objection.ts'
import { type Drift, type DriftFinding, findDrift, objectionsOfDrift } from '../preflight/drift.ts'

export type VerifyOptions = {
  readonly query: Query
  /** What the completed migrations declare. */
  readonly expected: Facts
  /** Default `public`. */
  readonly ledgerSchema?: string | undefined
  /** The name here of a role in `expected`; default: itself. */
  readonly roleOf?: ((role: string) => string) | undefined
  /** Objects about which nothing is said, such as `public.tmp_*` or `index public.*`. */
  readonly ignore?: readonly string[] | undefined
  /** What has run, in its order: tells which migration wrote an object last. */
  readonly completed?: readonly MigrationAnalysis[] | undefined
}

/** Whether a database is what its migrations declare. */
export type Verification = {
  /**
   * `equal`: every declared object is there as declared, and nothing else is. `extended`: the same,
   * and there is more beside it. `different`: something declared is missing or another.
   */
  readonly kind: 'equal' | 'extended' | 'different'
  readonly comparison: Drift['kind']
  /** Every difference, also those that mean nothing. */
  readonly findings: readonly DriftFinding[]
  /** What is missing, changed or undeclared; parts of what is named as a whole are left out. */
  readonly objections: readonly Objection[]
}

/** Reads the database in one read-only transaction and compares it with what is declared. */
export async function verifyDatabase(options: VerifyOptions): Promise<Verification> {
  const { query, expected, ledgerSchema, roleOf, ignore, completed } = options
  const live = await readFacts(query, ledgerSchema === undefined ? {} : { ledgerSchema })
  const { kind: comparison, findings } = await findDrift({
    expected,
    live,
    ...(roleOf !== undefined && { roleOf }),
    ...(ignore !== undefined && { ignore }),
    ...(completed !== undefined && { completed }),
  })
  const blocking = objectionsOfDrift(findings)
  const extras = objectionsOfExtras(findings)
  return {
    kind: blocking.length > 0 ? 'different' : extras.length > 0 ? 'extended' : 'equal',
    comparison,
    findings,
    objections: [...blocking, ...extras],
  }
}

/** What is there beside what is declared, without the parts of what is named as a whole. */
export function objectionsOfExtras(findings: readonly DriftFinding[]): Objection[] {
  const extra = findings.filter(({ kind }) => kind === 'extra')
  const whole = new Set(extra.map(({ object }) => object))
  return extra
    .filter(({ partOf }) => partOf === undefined || !whole.has(partOf))
    .map(({ explanation }) => explanation)
}
