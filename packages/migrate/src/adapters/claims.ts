import { type ClaimedFiles, claimedFiles, type ToolFile } from '../ledger/claimed-files.ts'
import type { Claim, FoundLedger } from '../ledger/detect-ledgers.ts'
import type { ReadDirectory } from './read-directory.ts'

/** What a ledger claims, in the words of the files of its tool. */
export type Claims = {
  /** Ids of migrations, in the tool's order. */
  readonly applied: readonly string[]
  /** Of those, files that were changed since; only tools with checksums can tell. */
  readonly edited: readonly string[]
  /** Ids that the tool began and did not finish, or calls failed; not among `applied`. */
  readonly failed: readonly string[]
  /** Ids below the newest applied one that are not applied. */
  readonly skipped: readonly string[]
  /** Applied, and no file is there. */
  readonly unmatched: readonly Claim[]
  /** ISO 8601 by id, where the tool has recorded it. */
  readonly appliedAt: ReadonlyMap<string, string>
}

/** Matches a ledger with a directory; undefined for tools whose migrations are programs. */
export function readClaims(ledger: FoundLedger, directory: ReadDirectory): Claims | undefined {
  const { files } = directory
  // A mark that is dirty still says how far its tool came; the file at the mark is the question.
  const believed = ledger.coverage === 'up-to' ? withoutFailure(ledger) : ledger
  const found = claimedFiles(believed, files)
  if (found === undefined) return undefined
  const ids = idsOf(directory)
  const failed = failedOf(ledger, { files, ids, found })
  const order = directory.sources.map(({ id }) => id)
  const applied = order.filter((id) => idsIn(found.applied, ids).has(id) && !failed.includes(id))
  const newest = order.indexOf(applied.at(-1) ?? '')
  return {
    applied,
    edited: [...idsIn(found.edited, ids)],
    failed,
    skipped: order.filter(
      (id, index) => index < newest && !applied.includes(id) && !failed.includes(id),
    ),
    unmatched: found.unmatched,
    appliedAt: timesOf(ledger, files, ids),
  }
}

function idsOf({ paths }: ReadDirectory): ReadonlyMap<string, string> {
  return new Map([...paths].map(([id, path]) => [path, id]))
}

function idsIn(paths: readonly string[], ids: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(paths.flatMap((path) => ids.get(path) ?? []))
}

function withoutFailure(ledger: FoundLedger): FoundLedger {
  const claims = ledger.claims.map((claim) => ({ ...claim, state: 'applied' as const }))
  return { ...ledger, claims }
}

type Matched = {
  readonly files: readonly ToolFile[]
  readonly ids: ReadonlyMap<string, string>
  readonly found: ClaimedFiles
}

function failedOf(ledger: FoundLedger, { files, ids }: Matched): string[] {
  return ledger.claims
    .filter(({ state }) => state === 'failed' || state === 'partial')
    .flatMap((claim) => [...idsIn(filesOf(ledger, claim, files), ids)])
}

/** The files that one claim alone is about. */
function filesOf(
  { tool }: FoundLedger,
  claim: Claim,
  files: readonly ToolFile[],
): readonly string[] {
  const own = { ...claim, state: 'applied' as const }
  return claimedFiles({ tool, coverage: 'each', claims: [own] }, files)?.applied ?? []
}

function timesOf(
  ledger: FoundLedger,
  files: readonly ToolFile[],
  ids: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    ledger.claims.flatMap((claim) => {
      const { appliedAt } = claim
      if (appliedAt === undefined) return []
      return [...idsIn(filesOf(ledger, claim, files), ids)].map((id) => [id, appliedAt] as const)
    }),
  )
}
