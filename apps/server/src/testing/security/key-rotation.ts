import { randomBytes } from 'node:crypto'
import { createMasterKeys, openMasterKey } from '../../platform/crypto/master-keys.ts'
import { openKeyring } from '../../platform/crypto/open-keyring.ts'
import { rotateKeys } from '../../platform/crypto/rotate-keys.ts'
import { openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import type { TestServer } from '../global-setup.ts'
import { givenPeopleWithTokens, jiraTokenOf } from '../people-with-tokens.ts'
import { copyDatabase } from '../test-database.ts'

export type RotationReport = {
  readonly secrets: number
  readonly rotatedMs: number
  /** Secrets that were read and opened meanwhile. */
  readonly reads: number
  /** Ciphertexts that were put in the place of another, and how many of them opened. */
  readonly swapped: number
  readonly findings: readonly string[]
}

type Plan = { readonly secrets: number; readonly postgres?: TestServer }

type Row = {
  readonly id: string
  readonly wrapped_key: string
  readonly encrypted_jira_pat: string
}

/** Replaces the master key of many people while their secrets are read, and swaps ciphertexts (S-09). */
export async function rotationCampaign({ secrets, postgres }: Plan): Promise<RotationReport> {
  await using copy = await copyDatabase(postgres)
  await using database = openDatabase(copy, createLog({ level: 'silent' }))
  const [before, after] = [randomBytes(32), randomBytes(32)]
  const both = createMasterKeys(() => ({ own: before, others: [after] }))
  const keyring = await openKeyring(database, both)
  const people = await givenPeopleWithTokens(copy, keyring, secrets)
  const findings: string[] = []
  const opens = ({ id, wrapped_key, encrypted_jira_pat }: Row) =>
    keyring.decrypt(wrapped_key, jiraTokenOf(id), encrypted_jira_pat).reveal() === id

  let reads = 0
  let isOver = false
  const read = async () => {
    while (!isOver) {
      const id = people[Math.floor(Math.random() * people.length)]?.id ?? ''
      const rows = await database.asUser(id, (db) =>
        db
          .selectFrom('users')
          .select(['id', 'wrapped_key', 'encrypted_jira_pat'])
          .where('id', '=', id)
          .execute(),
      )
      reads += 1
      const [row] = rows
      if (row === undefined || !opens(row as Row)) findings.push(`a secret did not open: ${id}`)
    }
  }
  const readers = Promise.all(Array.from({ length: 4 }, read))
  const began = performance.now()
  const { rewrapped, unreadable } = await rotateKeys({
    database,
    masterKeys: both,
    to: openMasterKey(after),
  })
  const rotatedMs = performance.now() - began
  isOver = true
  await readers
  if (rewrapped < secrets) findings.push(`${rewrapped} of ${secrets} data keys were wrapped anew`)
  if (unreadable.length > 0) findings.push(`${unreadable.length} data keys could not be read`)
  findings.push(...(await openWithNewKeyAlone()))
  const swapped = countSwaps()
  return { secrets, rotatedMs, reads, swapped, findings }

  async function openWithNewKeyAlone(): Promise<string[]> {
    const alone = await openKeyring(
      database,
      createMasterKeys(() => ({ own: after, others: [] })),
    )
    const { rows } = await copy.asOwner((db) =>
      db.query<Row>('select id, wrapped_key, encrypted_jira_pat from users'),
    )
    const closed = rows.filter(
      ({ id, wrapped_key, encrypted_jira_pat }) =>
        alone.decrypt(wrapped_key, jiraTokenOf(id), encrypted_jira_pat).reveal() !== id,
    )
    return closed.map(({ id }) => `does not open with the new key alone: ${id}`)
  }

  /** Each secret in the place of the next person, under the own data key and under the other's. */
  function countSwaps(): number {
    let tried = 0
    for (const [index, { id, wrapped, token }] of people.entries()) {
      const other = people[(index + 1) % people.length]
      if (other === undefined || other.id === id) continue
      for (const key of [wrapped, other.wrapped]) {
        tried += 1
        try {
          keyring.decrypt(key, jiraTokenOf(other.id), token)
          findings.push(`a ciphertext opened in the place of another: ${id}`)
        } catch {
          // As it should.
        }
      }
    }
    return tried
  }
}
