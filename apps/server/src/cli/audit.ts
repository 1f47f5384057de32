import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import type { AuditReport } from '@studioops/contracts/audit'
import { anchorFileOf, readAnchors } from '../platform/audit/audit-anchors.ts'
import { verifyChain } from '../platform/audit/audit-chain.ts'
import {
  closeSegment,
  lastSequenceBefore,
  readEvents,
  readSegments,
} from '../platform/audit/audit.store.ts'
import type { Database } from '../platform/db/database.ts'
import type { Terminal } from './keys.ts'

export const auditManual = `Usage: studioops audit <command>

Commands:
  verify [--anchors <file>] [--json]  recalculates the chain of hashes, and compares it with the
                                      places that were kept outside; a log of the server will do too
  close --before <date>               keeps older entries in a file of the data directory and takes
                                      them out of the database; the chain goes on from their last hash

What was cut off the end, or rewritten whole by whoever owns the database, is found by the anchors
only: the log of the server has one every hour. Keep that log elsewhere.

Exit codes: 0 whole, 1 broken, 3 not understood, 4 failed.
`

type Work = {
  readonly config: { readonly dataDirectory: string }
  readonly openDatabase: () => Promise<Database>
  readonly terminal: Terminal
}

/** @returns the exit code */
export async function runAudit(args: readonly string[], work: Work): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      anchors: { type: 'string' },
      before: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command] = positionals
  if (command === 'verify')
    return verify(work, { file: values.anchors, asJson: values.json === true })
  if (command === 'close' && !Number.isNaN(Date.parse(values.before ?? '')))
    return close(work, new Date(values.before ?? ''))
  ;(values.help === true ? work.terminal.out : work.terminal.tell)(auditManual)
  return values.help === true ? 0 : 3
}

async function verify(
  { config, openDatabase, terminal }: Work,
  { file, asJson }: { file: string | undefined; asJson: boolean },
): Promise<number> {
  const anchors = await readAnchors(file ?? anchorFileOf(config.dataDirectory))
  const report = await verifyChain(await openDatabase(), anchors)
  if (asJson) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`)
  else for (const line of describe(report)) terminal.out(`${line}\n`)
  return report.isWhole ? 0 : 1
}

const sentences: Record<AuditReport['breaks'][number]['kind'], string> = {
  edited: 'was changed after it was written',
  missing: 'is missing',
  unlinked: 'does not seal the entry before it',
  'cut-start': 'and what followed it was cut off the beginning',
  'cut-end': 'and what followed it was cut off the end',
  rewritten: 'is not the one that was there when its place was kept outside',
  segment: 'ends a closed part that the chain does not know',
}

function describe({ isWhole, checked, breaks, segments, anchors, last }: AuditReport): string[] {
  return [
    `${checked} entries, ${segments} closed parts, ${anchors} anchors compared`,
    ...breaks.map(({ kind, sequence }) => `Entry ${sequence} ${sentences[kind]}.`),
    isWhole
      ? `The chain is whole up to entry ${last.sequence}, ${last.hash}.`
      : 'The chain is broken.',
  ]
}

async function close({ config, openDatabase, terminal }: Work, before: Date): Promise<number> {
  const database = await openDatabase()
  const report = await verifyChain(database, await readAnchors(anchorFileOf(config.dataDirectory)))
  if (!report.isWhole) {
    terminal.tell('The chain is broken; nothing was closed. See: studioops audit verify\n')
    return 1
  }
  const upTo = await database.asMaintenance((db) => lastSequenceBefore(db, before))
  if (upTo === undefined) {
    terminal.out(`Nothing is older than ${before.toISOString()}.\n`)
    return 0
  }
  const segments = await database.asMaintenance(readSegments)
  const first = (segments.at(-1)?.last_sequence ?? 0) + 1
  const directory = join(config.dataDirectory, 'audit', 'closed')
  const file = join(directory, `${first}-${upTo}.jsonl`)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  // Written whole before anything goes; a broken draft is no file.
  const draft = `${file}.draft`
  await rm(draft, { force: true })
  await pipeline(
    Readable.from(linesUpTo(database, upTo)),
    createWriteStream(draft, { mode: 0o600, flush: true }),
  )
  await rename(draft, file)
  const closed = await database.asMaintenance((db) => closeSegment(db, upTo))
  terminal.out(`${closed} entries lie in ${file} now.\n`)
  return 0
}

async function* linesUpTo(database: Database, upTo: number) {
  let after = 0
  for (;;) {
    const from = after
    const rows = await database.asMaintenance((db) =>
      readEvents(db, { after: from, upTo, limit: 1_000 }),
    )
    if (rows.length === 0) return
    yield rows
      .map((row) => {
        const hashes = { previous: row.previous.toString('hex'), hash: row.hash.toString('hex') }
        return `${JSON.stringify({ ...row, ...hashes })}\n`
      })
      .join('')
    after = rows.at(-1)?.sequence ?? after
  }
}
