import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { givenPeopleWithTokens, jiraTokenOf } from '../../testing/people-with-tokens.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { createLog } from '../log/log.ts'
import { Secret } from '../secret/secret.ts'
import { deriveFrom } from './envelope.ts'
import { createMasterKeys, openMasterKey } from './master-keys.ts'
import { openKeyring } from './open-keyring.ts'
import { keyStatus, rotateKeys } from './rotate-keys.ts'

let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, createLog({ level: 'silent' }))
})
beforeEach(() => copy.asOwner((db) => db.query('truncate root_secrets; truncate users cascade')))
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

const readAll = async () =>
  (await copy.asOwner((db) => db.query('select id, wrapped_key, encrypted_jira_pat from users')))
    .rows

describe('the keys of an installation', () => {
  it('are made once, also by two servers that start together, and stay the same', async () => {
    const bytes = randomBytes(32)
    const masterKeys = createMasterKeys(() => ({ own: bytes, others: [] }))
    const opened = await Promise.all([1, 2].map(() => openKeyring(database, masterKeys)))
    const later = await openKeyring(database, masterKeys)
    for (const keyring of opened) {
      expect(keyring.deriveKey('session tokens')).toEqual(later.deriveKey('session tokens'))
      expect(keyring.pepper()).toEqual(later.pepper())
    }
    expect(later.deriveKey('session tokens')).not.toEqual(deriveFrom(bytes, 'session tokens'))
  })

  it('leave the passwords of an installation from before as they are', async () => {
    const bytes = randomBytes(32)
    const masterKeys = createMasterKeys(() => ({ own: bytes, others: [] }))
    const earlier = await openKeyring(database, masterKeys)
    await givenPeopleWithTokens(copy, earlier, 1)
    await copy.asOwner((db) => db.query('truncate root_secrets'))
    const keyring = await openKeyring(database, masterKeys)
    expect(keyring.pepper()).toEqual(deriveFrom(bytes, 'password'))
  })

  it('are closed where the master key is another one, and say which is wanted [SEC-10]', async () => {
    const right = randomBytes(32)
    const first = await openKeyring(
      database,
      createMasterKeys(() => ({ own: right, others: [] })),
    )
    const [person] = await givenPeopleWithTokens(copy, first, 1)
    const wrong = randomBytes(32)
    for (const own of [wrong, undefined]) {
      const keyring = await openKeyring(
        database,
        createMasterKeys(() => ({ own, others: [] })),
      )
      expect(keyring.locked).toEqual({
        wanted: first.fingerprint,
        present: own && openMasterKey(own).fingerprint,
      })
      expect(() => keyring.pepper()).toThrow('keys.locked')
      expect(() => keyring.createDataKey(randomUUID())).toThrow('keys.locked')
      expect(() =>
        keyring.decrypt(person?.wrapped ?? '', jiraTokenOf(person?.id ?? ''), person?.token ?? ''),
      ).toThrow(
        expect.objectContaining({
          code: 'secret.locked',
          facts: { fingerprint: first.fingerprint },
        }),
      )
    }
    // An installation from before the roots existed tells it by its people.
    await copy.asOwner((db) => db.query('truncate root_secrets'))
    const keyring = await openKeyring(
      database,
      createMasterKeys(() => ({ own: wrong, others: [] })),
    )
    expect(keyring.locked).toMatchObject({ wanted: first.fingerprint })
    expect((await copy.asOwner((db) => db.query('select from root_secrets'))).rowCount).toBe(0)
  })
})

describe('another master key', () => {
  const given = async (count: number) => {
    const [before, after] = [randomBytes(32), randomBytes(32)]
    const others: Buffer[] = []
    const masterKeys = createMasterKeys(() => ({ own: before, others }))
    const keyring = await openKeyring(database, masterKeys)
    const people = await givenPeopleWithTokens(copy, keyring, count)
    others.push(after)
    return { before, after, masterKeys, keyring, people, to: openMasterKey(after) }
  }

  it('takes over while secrets are read, and everything opens with it alone [SEC-1]', async () => {
    const { keyring, masterKeys, people, to, after } = await given(300)
    const session = keyring.deriveKey('session tokens')
    const ticket = keyring.seal('registration', 'kept', new Date('2100-01-01'))
    let isOver = false
    let reads = 0
    const reading = (async () => {
      while (!isOver) {
        for (const { id, wrapped_key: wrapped, encrypted_jira_pat: token } of await readAll()) {
          expect(keyring.decrypt(wrapped, jiraTokenOf(id), token).reveal()).toBe(id)
          reads += 1
        }
      }
    })()
    const rotated = await rotateKeys({ database, masterKeys, to, batchSize: 20 })
    await keyring.refresh()
    isOver = true
    await reading
    expect(rotated).toEqual({ rewrapped: people.length, unreadable: [] })
    expect(reads).toBeGreaterThan(0)
    expect(keyring.fingerprint).toBe(to.fingerprint)

    const alone = createMasterKeys(() => ({ own: after, others: [] }))
    const next = await openKeyring(database, alone)
    expect(next.locked).toBeUndefined()
    for (const { id, wrapped_key: wrapped, encrypted_jira_pat: token } of await readAll())
      expect(next.decrypt(wrapped, jiraTokenOf(id), token).reveal()).toBe(id)
    // What people have in their browsers and heads still fits.
    expect(next.deriveKey('session tokens')).toEqual(session)
    expect(next.pepper()).toEqual(keyring.pepper())
    expect(next.unseal('registration', ticket, new Date())).toBe('kept')
    expect(await keyStatus(database, alone)).toMatchObject({
      own: to.fingerprint,
      roots: [{ fingerprint: to.fingerprint }, { fingerprint: to.fingerprint }],
      people: [{ fingerprint: to.fingerprint, people: 300, isHere: true }],
    })
  })

  it('goes on after every break, and both keys open everything meanwhile [SEC-1]', async () => {
    const { masterKeys, to, keyring } = await given(40)
    for (let breakAt = 1; breakAt <= 4; breakAt += 1) {
      let batches = 0
      const broken = rotateKeys({
        database,
        masterKeys,
        to,
        batchSize: 7,
        onProgress: () => {
          batches += 1
          if (batches === 1) throw new Error('killed')
        },
      })
      await expect(broken).rejects.toThrow('killed')
      const fingerprints = new Set<string>()
      for (const { id, wrapped_key: wrapped, encrypted_jira_pat: token } of await readAll()) {
        fingerprints.add(String(wrapped).slice(3, 11))
        expect(keyring.decrypt(wrapped, jiraTokenOf(id), token).reveal()).toBe(id)
      }
      expect(fingerprints.size).toBe(2)
    }
    expect(await rotateKeys({ database, masterKeys, to, batchSize: 7 })).toEqual({
      rewrapped: 40 - 4 * 7,
      unreadable: [],
    })
  })

  it('leaves a data key that nothing here opens as it is, and names whose it is', async () => {
    const { masterKeys, to, people } = await given(3)
    const [one, other] = people
    await copy.asOwner((db) =>
      db.query('update users set wrapped_key = $2 where id = $1', [one?.id, other?.wrapped]),
    )
    expect(await rotateKeys({ database, masterKeys, to })).toEqual({
      rewrapped: 2,
      unreadable: [one?.id],
    })
  })
})

it('refuses a ciphertext or a data key that was swapped with that of somebody else [SEC-1]', async () => {
  const bytes = randomBytes(32)
  const keyring = await openKeyring(
    database,
    createMasterKeys(() => ({ own: bytes, others: [] })),
  )
  const people = await givenPeopleWithTokens(copy, keyring, 6)
  for (const one of people)
    for (const other of people.filter(({ id }) => id !== one.id)) {
      const attempts = [
        () => keyring.decrypt(one.wrapped, jiraTokenOf(one.id), other.token),
        () => keyring.decrypt(other.wrapped, jiraTokenOf(one.id), one.token),
        () => keyring.decrypt(other.wrapped, jiraTokenOf(one.id), other.token),
        () => keyring.decrypt(one.wrapped, { ...jiraTokenOf(one.id), rowId: other.id }, one.token),
        () => keyring.decrypt(one.wrapped, { ...jiraTokenOf(one.id), column: 'x' }, one.token),
        () => keyring.decrypt(one.wrapped, { ...jiraTokenOf(one.id), table: 'x' }, one.token),
        () => keyring.encrypt(other.wrapped, jiraTokenOf(one.id), new Secret('x')),
      ]
      for (const attempt of attempts) expect(attempt).toThrow('secret.locked')
    }
})
