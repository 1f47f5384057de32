import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../config/config.ts'
import { openKeyring } from '../../platform/crypto/open-keyring.ts'
import { openDatabase } from '../../platform/db/database.ts'
import { openMasterKeys } from '../../platform/instance/master-key-source.ts'
import { createLog } from '../../platform/log/log.ts'
import type { TestServer } from '../global-setup.ts'
import { givenPeopleWithTokens, jiraTokenOf } from '../people-with-tokens.ts'
import { copyDatabase, type TestDatabase } from '../test-database.ts'
import { numbersFrom } from './shape-samples.ts'

export type KilledRotationReport = {
  readonly kills: number
  /** Where each kill fell: before the first data key, in the middle, or at the exchange of the files. */
  readonly fell: Readonly<Record<'start' | 'middle' | 'end', number>>
  /** Rotations that came to their end, each begun by a process that was killed at least once. */
  readonly finished: number
  /** Secrets that were opened while rotations went on, and in the look after each kill. */
  readonly reads: number
  readonly findings: readonly string[]
}

type Plan = {
  readonly kills: number
  readonly secrets: number
  readonly seed: number
  readonly postgres: TestServer
  readonly signal?: AbortSignal
}

type Row = {
  readonly id: string
  readonly wrapped_key: string
  readonly encrypted_jira_pat: string
}

const program = join(import.meta.dirname, '../../cli/studioops.ts')

/**
 * The real `studioops keys rotate`, ended by SIGKILL at points of chance while others read: whatever
 * lies in the database and in the folder of keys afterwards has to open every secret, and the next
 * rotation has to go on where the killed one was (S-09).
 */
export async function killedRotationCampaign(plan: Plan): Promise<KilledRotationReport> {
  const { kills, secrets, seed, postgres, signal } = plan
  await using copy = await copyDatabase(postgres)
  await using database = openDatabase(copy, createLog({ level: 'silent' }))
  await using folder = givenFolder()
  const environment = { STUDIOOPS_DATA_DIR: folder.path, DATABASE_URL: urlOf(postgres, copy) }
  const config = loadConfig(environment)
  const keysNow = async () => openKeyring(database, (await openMasterKeys(config)).masterKeys)
  const server = await keysNow()
  await using _heard = await database.listen('keys', () => void server.refresh())
  const people = await givenPeopleWithTokens(copy, server, secrets)
  const random = numbersFrom(seed)
  const findings: string[] = []
  const fell = { start: 0, middle: 0, end: 0 }
  let [killed, finished, reads, isOver] = [0, 0, 0, false]

  const opens = (keyring: typeof server, row: Row | undefined) => {
    reads += 1
    if (row === undefined) return false
    try {
      const { id, wrapped_key: key, encrypted_jira_pat: token } = row
      return keyring.decrypt(key, jiraTokenOf(id), token).reveal() === id
    } catch {
      return false
    }
  }
  const read = async () => {
    while (!isOver) {
      const id = people[Math.floor(random() * people.length)]?.id ?? ''
      const rows = await database.asUser(id, (db) =>
        db
          .selectFrom('users')
          .select(['id', 'wrapped_key', 'encrypted_jira_pat'])
          .where('id', '=', id)
          .execute(),
      )
      if (!opens(server, rows[0] as Row)) findings.push(`a running server did not open ${id}`)
    }
  }
  /** As a server would that starts at this moment. */
  const lookAfter = async () => {
    const keyring = await keysNow()
    if (keyring.locked !== undefined) return void findings.push('the keys are locked after a kill')
    const { rows } = await copy.asOwner((db) =>
      db.query<Row>('select id, wrapped_key, encrypted_jira_pat from users'),
    )
    const closed = rows.filter((row) => !opens(keyring, row))
    if (closed.length > 0) findings.push(`${closed.length} secrets do not open after a kill`)
  }

  const readers = Promise.all([read(), read()])
  try {
    let isNearEnd = false
    while (killed < kills && signal?.aborted !== true) {
      // Where only the exchange of the files was left, that is let happen: the next one has work again.
      const { outcome, at } = await rotateAndKill(environment, isNearEnd ? undefined : random)
      isNearEnd = outcome === 'killed' && at === 'end'
      if (outcome === 'killed') {
        killed += 1
        fell[at] += 1
      } else if (outcome === 'finished') finished += 1
      else findings.push(`a rotation ended with ${outcome}`)
      await lookAfter()
    }
    const last = await rotateAndKill(environment, undefined)
    if (last.outcome === 'finished') finished += 1
    else findings.push(`the last rotation ended with ${last.outcome}`)
    await lookAfter()
  } finally {
    isOver = true
    await readers
  }
  return { kills: killed, fell, finished, reads, findings: [...new Set(findings)] }
}

type Where = keyof KilledRotationReport['fell']

/** @param random absent: the rotation may come to its end */
async function rotateAndKill(
  environment: Readonly<Record<string, string>>,
  random: (() => number) | undefined,
): Promise<{ outcome: string; at: Where }> {
  const child = spawn(process.execPath, [program, 'keys', 'rotate'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  let at: Where = 'start'
  const killSoon = (ms: number) => void sleep(ms).then(() => child.kill('SIGKILL'))
  const point = random === undefined ? 1 : random()
  // A tenth falls anywhere in the start of the process, a fifth at the exchange of the key files.
  if (random !== undefined && point < 0.1) killSoon(random() * 1_000)
  let batches = Math.floor(point * 10)
  child.stderr.on('data', () => {
    at = 'middle'
    batches -= 1
    if (random !== undefined && point < 0.8 && batches <= 0) killSoon(random() * 5)
  })
  child.stdout.on('data', () => {
    at = 'end'
    if (random !== undefined) killSoon(random() * 10)
  })
  const [code, end] = await exited
  if (end === 'SIGKILL') return { outcome: 'killed', at }
  return { outcome: code === 0 ? 'finished' : `code ${String(code)}`, at }
}

function givenFolder() {
  const path = mkdtempSync(join(tmpdir(), 'keys-killed-'))
  mkdirSync(join(path, 'keys'))
  writeFileSync(join(path, 'keys', 'master.key'), randomBytes(32), { mode: 0o600 })
  return {
    path,
    [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }),
  }
}

function urlOf({ host, port, user, password }: TestServer, { name }: TestDatabase): string {
  const login = password === undefined ? user : `${user}:${encodeURIComponent(password)}`
  return `postgres://${login}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`
}
