import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { Database, Db } from '../db/database.ts'
import type { Log } from '../log/log.ts'
import { anchorFileOf, keepAnchor, readAnchors } from './audit-anchors.ts'
import { verifyChain } from './audit-chain.ts'
import * as store from './audit.store.ts'

type Closing = {
  readonly database: Database
  /** Of the installation; closed parts lie in `audit/closed` of it. */
  readonly dataDirectory: string
  readonly before: Date
}

export type Closed =
  | {
      readonly kind: 'closed'
      readonly events: number
      readonly file: string
      /** That was not all. */
      readonly hasMore: boolean
    }
  | { readonly kind: 'nothing' }
  /** The chain does not prove what it says; what is in it stays where it is. */
  | { readonly kind: 'broken' }

/** Beyond it the transaction that holds the lock would last too long; the next time goes on. */
const closedAtOnceMax = 50_000
const batchSize = 1_000

/**
 * Writes what is older into a file and takes it out of the database. The file is whole and on the disk
 * before anything goes; each line has the text that was sealed, so the file proves itself, and its
 * last hash is where the chain goes on from.
 */
export async function closeBefore({ database, dataDirectory, before }: Closing): Promise<Closed> {
  const isDue = await database.asMaintenance((db) => store.lastSequenceBefore(db, before))
  if (isDue === undefined) return { kind: 'nothing' }
  const report = await verifyChain(database, await readAnchors(anchorFileOf(dataDirectory)))
  if (!report.isWhole) return { kind: 'broken' }
  const directory = join(dataDirectory, 'audit', 'closed')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return database.asMaintenance(async (db) => {
    // Another server of this installation may be at it.
    if (!(await store.lockClosing(db))) return { kind: 'nothing' }
    const first = ((await store.readSegments(db)).at(-1)?.last_sequence ?? 0) + 1
    const last = await store.lastSequenceBefore(db, before)
    if (last === undefined || last < first) return { kind: 'nothing' }
    const upTo = Math.min(last, first + closedAtOnceMax - 1)
    const file = join(directory, `${first}-${upTo}.jsonl`)
    await writeWhole(file, linesUpTo(db, { first, upTo }))
    const events = await store.closeSegment(db, upTo)
    return { kind: 'closed', events, file, hasMore: upTo < last }
  })
}

async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<void> {
  const draft = `${file}.draft`
  await rm(draft, { force: true })
  await pipeline(Readable.from(lines), createWriteStream(draft, { mode: 0o600, flush: true }))
  await rename(draft, file)
}

async function* linesUpTo(db: Db, { first, upTo }: { first: number; upTo: number }) {
  for (let after = first - 1; after < upTo;) {
    const range = { after, upTo, limit: batchSize }
    const rows = await store.readEvents(db, range)
    const chain = await store.readChain(db, { after, limit: rows.length })
    if (rows.length === 0) return
    yield rows
      .map((row, index) => {
        const hashes = { previous: row.previous.toString('hex'), hash: row.hash.toString('hex') }
        return `${JSON.stringify({ ...row, ...hashes, sealed: chain[index]?.body })}\n`
      })
      .join('')
    after = rows.at(-1)?.sequence ?? upTo
  }
}

type Keeping = {
  readonly database: Database
  readonly log: Log
  readonly dataDirectory: string
  readonly days: number
}

/** What the sweeper does of it: what is older than so many days goes. @returns how many went */
export async function closeOldEvents(
  { database, log, dataDirectory, days }: Keeping,
  now: Date,
): Promise<number> {
  const before = new Date(now.getTime() - days * 86_400_000)
  const done = await closeBefore({ database, dataDirectory, before })
  if (done.kind === 'broken')
    log.error('audit chain is broken, nothing old was closed; see: studioops audit verify')
  if (done.kind !== 'closed') return 0
  // Where the closed part ended is kept outside as well.
  const end = (await database.asMaintenance(store.readSegments)).at(-1)
  if (end !== undefined)
    await keepAnchor({
      log,
      file: anchorFileOf(dataDirectory),
      anchor: { sequence: end.last_sequence, hash: end.last_hash.toString('hex') },
    })
  return done.events
}

const archived = z.object({
  sequence: z.int(),
  previous: z.string(),
  hash: z.string(),
  sealed: z.string(),
})

export type ArchivePart = {
  readonly file: string
  readonly first: number
  readonly last: number
  readonly isWhole: boolean
}

/** Every closed part whose file is still here, calculated anew and compared with the chain. */
export async function verifyArchive(
  database: Database,
  dataDirectory: string,
): Promise<ArchivePart[]> {
  const directory = join(dataDirectory, 'audit', 'closed')
  const names = new Set(await readdir(directory).catch(() => []))
  const segments = await database.asMaintenance(store.readSegments)
  const parts: ArchivePart[] = []
  let before = ''
  for (const { first_sequence: first, last_sequence: last, last_hash } of segments) {
    const file = join(directory, `${first}-${last}.jsonl`)
    const end = last_hash.toString('hex')
    if (names.has(`${first}-${last}.jsonl`)) {
      const found = await readPart(file, { first, before })
      parts.push({ file, first, last, isWhole: found?.sequence === last && found.hash === end })
    }
    before = end
  }
  return parts
}

/** @returns the last place of the file; undefined where a line does not follow from the one before */
async function readPart(file: string, from: { first: number; before: string }) {
  let last = { sequence: from.first - 1, hash: from.before }
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const line = archived.safeParse(parse(text))
    if (!line.success) return undefined
    const { sequence, previous, hash, sealed } = line.data
    const computed = createHash('sha256')
      .update(Buffer.from(previous, 'hex'))
      .update(sealed, 'utf8')
      .digest('hex')
    if (sequence !== last.sequence + 1 || previous !== last.hash || computed !== hash)
      return undefined
    last = { sequence, hash }
  }
  return last
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
