import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { Log } from '../log/log.ts'
import type { Anchor } from './audit-chain.ts'
import { readHead } from './audit.store.ts'

type Options = {
  readonly database: Database
  readonly log: Log
  /** Lines of JSON; absent where only the log keeps them. */
  readonly file: string | undefined
}

export function anchorFileOf(dataDirectory: string): string {
  return join(dataDirectory, 'audit', 'anchors.jsonl')
}

const everyMs = 3_600_000

/**
 * Keeps the newest place of the chain outside of the database: now, every hour, and when it is
 * disposed. Whoever can write to the database and to the file can change both; the log goes elsewhere.
 */
export function startAnchoring({ database, log, file }: Options): AsyncDisposable {
  let last = 0
  const anchor = async () => {
    const head = await database.asMaintenance(readHead)
    if (head === undefined || head.sequence === last) return
    const kept = { sequence: head.sequence, hash: head.hash.toString('hex') }
    await keepAnchor({ log, file, anchor: kept })
    last = head.sequence
  }
  let turn = Promise.resolve()
  const anchorInTurn = () => {
    turn = turn.then(anchor).catch((error: unknown) => {
      log.error({ err: error }, 'audit anchor not kept')
    })
    return turn
  }
  void anchorInTurn()
  const timer = setInterval(() => void anchorInTurn(), everyMs)
  timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await anchorInTurn()
    },
  }
}

export async function keepAnchor({
  log,
  file,
  anchor,
}: Pick<Options, 'log' | 'file'> & { readonly anchor: Anchor }): Promise<void> {
  log.info({ audit_sequence: anchor.sequence, audit_hash: anchor.hash }, 'audit anchor')
  if (file !== undefined) await append(file, anchor)
}

async function append(file: string, anchor: Anchor): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const line = JSON.stringify({ ...anchor, at: new Date().toISOString() })
  await appendFile(file, `${line}\n`, { mode: 0o600, flush: true })
}

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const line = z.union([
  z.object({ sequence: z.int(), hash }),
  z
    .object({ audit_sequence: z.int(), audit_hash: hash })
    .transform((kept) => ({ sequence: kept.audit_sequence, hash: kept.audit_hash })),
])

/** Anchors of a file of ours, or of a log; other lines are passed over. None where there is no file. */
export async function readAnchors(file: string): Promise<Anchor[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((each) => {
    const parsed = line.safeParse(parse(each))
    return parsed.success ? [parsed.data] : []
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
