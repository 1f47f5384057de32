import { createHash } from 'node:crypto'
import type { AuditBreak, AuditReport } from '@studioops/contracts/audit'
import type { Database } from '../db/database.ts'
import * as store from './audit.store.ts'

/** A place of the chain that was kept outside of the database. */
export type Anchor = { readonly sequence: number; readonly hash: string }

const batchSize = 2_000
const breaksMax = 50

/**
 * Recalculates the whole chain. Finds what was edited, deleted, reordered or cut off its beginning;
 * a cut end, or a chain that was rewritten whole, only by the anchors.
 */
export async function verifyChain(
  database: Database,
  anchors: readonly Anchor[],
): Promise<AuditReport> {
  const breaks: AuditBreak[] = []
  const note = (found: AuditBreak) => {
    if (breaks.length < breaksMax) breaks.push(found)
  }
  const segments = await database.asMaintenance(store.readSegments)
  checkSegments(segments, note)
  const start = segments.at(-1)
  let last: Anchor = { sequence: start?.last_sequence ?? 0, hash: hexOf(start?.last_hash) }
  const first = last.sequence + 1
  const found = new Map<number, string>()
  const wanted = new Set(anchors.map(({ sequence }) => sequence))
  let isClosingKnown = start === undefined
  let checked = 0
  for await (const row of rowsAfter(database, last.sequence)) {
    checkLink(row, { last, first, note })
    isClosingKnown ||= start !== undefined && closes(row, start)
    last = { sequence: row.sequence, hash: hexOf(row.hash) }
    if (wanted.has(row.sequence)) found.set(row.sequence, last.hash)
    checked += 1
  }
  if (!isClosingKnown) note({ kind: 'segment', sequence: first - 1 })
  const compared = compareAnchors(anchors, { segments, found, last, note })
  return {
    isWhole: breaks.length === 0,
    checked,
    breaks,
    segments: segments.length,
    anchors: compared,
    last,
  }
}

async function* rowsAfter(database: Database, sequence: number) {
  let after = sequence
  for (;;) {
    const from = after
    const rows = await database.asMaintenance((db) =>
      store.readChain(db, { after: from, limit: batchSize }),
    )
    yield* rows
    if (rows.length < batchSize) return
    after = rows.at(-1)?.sequence ?? after
  }
}

type Note = (found: AuditBreak) => void

function hexOf(bytes: Buffer | undefined): string {
  return bytes?.toString('hex') ?? ''
}

function checkLink(
  row: store.ChainRow,
  { last, first, note }: { last: Anchor; first: number; note: Note },
): void {
  const { sequence, body, previous, hash } = row
  const computed = createHash('sha256').update(previous).update(body, 'utf8').digest()
  if (!computed.equals(hash)) note({ kind: 'edited', sequence })
  if (sequence !== last.sequence + 1) {
    const kind = last.sequence < first ? 'cut-start' : 'missing'
    note({ kind, sequence: last.sequence + 1 })
  } else if (hexOf(previous) !== last.hash) note({ kind: 'unlinked', sequence })
}

/** The chain itself says that a part of it was closed, and with which hash. */
function closes({ action, facts }: store.ChainRow, segment: store.SegmentRow): boolean {
  const { last, hash } = facts as { last?: unknown; hash?: unknown }
  return (
    action === 'audit.segment-close' &&
    last === segment.last_sequence &&
    hash === hexOf(segment.last_hash)
  )
}

function checkSegments(segments: readonly store.SegmentRow[], note: Note): void {
  let next = 1
  for (const { first_sequence: first, last_sequence: last } of segments) {
    if (first !== next) note({ kind: 'segment', sequence: first })
    next = last + 1
  }
}

type Ends = {
  readonly segments: readonly store.SegmentRow[]
  readonly found: ReadonlyMap<number, string>
  readonly last: Anchor
  readonly note: Note
}

/** @returns how many could be compared; those inside of a closed part cannot */
function compareAnchors(anchors: readonly Anchor[], { segments, found, last, note }: Ends): number {
  const closed = segments.at(-1)?.last_sequence ?? 0
  const ends = new Map(segments.map((one) => [one.last_sequence, hexOf(one.last_hash)]))
  let compared = 0
  for (const { sequence, hash } of anchors) {
    const here = found.get(sequence) ?? ends.get(sequence)
    if (here === undefined && sequence <= closed) continue
    compared += 1
    if (sequence > last.sequence) note({ kind: 'cut-end', sequence: last.sequence + 1 })
    else if (here !== hash) note({ kind: 'rewritten', sequence })
  }
  return compared
}
