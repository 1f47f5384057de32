import { type LeaseOptions, resultOf, runUnderLease } from '../execute/run-under-lease.ts'
import { describeFailure } from '../execute/failure.ts'
import { type Failure, type Work, writeFenced } from '../execute/work.ts'
import type { LedgerRow } from '../ledger/ledger-rows.ts'
import { literal } from '../ledger/ledger-names.ts'
import type { Objection } from '../objection.ts'

/** A file as it is now. */
export type EditedFile = {
  readonly id: string
  readonly checksum: string
  readonly rawSha256: string
  /** Checksums under which earlier versions of the engine stored the very same file. */
  readonly formerChecksums: readonly string[]
}

export type AcceptEditsOptions = LeaseOptions & {
  readonly files: readonly EditedFile[]
  /** Why the edits are right; kept in the ledger beside the checksums that were there. */
  readonly reason: string
}

export type AcceptEditsResult =
  | { readonly kind: 'accepted'; readonly migrations: readonly string[] }
  /** Every file is what has run. */
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'waiting-timed-out' | 'stopped' }

/**
 * Lets the ledger say of files that were edited after they have run that they are what has run, in
 * one transaction. Nothing else is changed, and nothing is run.
 */
export async function acceptEdits(options: AcceptEditsOptions): Promise<AcceptEditsResult> {
  const ended = await runUnderLease<AcceptEditsResult>(options, {
    names: options.files.map(({ id }) => id),
    isUpToDate: async () => false,
    run: async (work, rows) => {
      const edited = editedOf(options.files, rows)
      if (edited.length === 0) return { kind: 'nothing-to-do' }
      const texts = edited.map((one) => acceptText(work, one, options.reason))
      const written = await writeFenced(work, texts)
      switch (written.kind) {
        case 'done':
          return { kind: 'accepted', migrations: edited.map(({ file }) => file.id) }
        case 'fenced':
          return { kind: 'interrupted', error: undefined }
        case 'failed':
          return {
            kind: 'failed',
            failure: describeFailure({ error: written.error, statement: undefined }),
          }
      }
    },
    progress: () => 0,
  })
  return resultOf(ended)
}

type Edited = { readonly file: EditedFile; readonly row: LedgerRow }

function editedOf(files: readonly EditedFile[], rows: readonly LedgerRow[]): Edited[] {
  const known = new Map(rows.map((row) => [row.name, row]))
  return files.flatMap((file): Edited[] => {
    const row = known.get(file.id)
    if (row?.status !== 'completed' || row.checksum === undefined) return []
    return [file.checksum, ...file.formerChecksums].includes(row.checksum) ? [] : [{ file, row }]
  })
}

/** What was accepted before stays in the list. */
function acceptText({ writer: { ledger } }: Work, { file, row }: Edited, reason: string): string {
  const entry = JSON.stringify({ reason, from: row.checksum, to: file.checksum })
  return `update ${ledger.migrations}
      set checksum = ${literal(file.checksum)}, raw_sha256 = ${literal(file.rawSha256)},
        error_detail = coalesce(error_detail, '{}') || jsonb_build_object('accepted_edits',
          coalesce(error_detail -> 'accepted_edits', '[]')
            || jsonb_build_array(${literal(entry)}::jsonb
              || jsonb_build_object('at', to_jsonb(clock_timestamp()))))
    where id = ${literal(row.id)}`
}
