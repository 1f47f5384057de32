import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AppError } from '../errors/app-error.ts'
import { Secret } from '../secret/secret.ts'
import { keyringOf } from './keyring.ts'

const keyring = keyringOf(randomBytes(32))
const userId = randomUUID()
const place = { table: 'users', column: 'encrypted_jira_pat', rowId: userId, userId }

describe('secrets at rest [SEC-1]', () => {
  it('opens what it closed, and writes the same secret differently each time', () => {
    const key = keyring.createDataKey(userId)
    const [first, second] = [1, 2].map(() => keyring.encrypt(key, place, new Secret('אסימון-7')))
    expect(keyring.decrypt(key, place, first ?? '').reveal()).toBe('אסימון-7')
    expect(first).not.toBe(second)
    expect(first).toMatch(/^v1\.u\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/)
  })

  it('does not open a text that was copied to another place or person', () => {
    const key = keyring.createDataKey(userId)
    const text = keyring.encrypt(key, place, new Secret('token'))
    const elsewhere = [
      { ...place, column: 'encrypted_key' },
      { ...place, table: 'other' },
      { ...place, rowId: randomUUID() },
    ]
    for (const other of elsewhere) expect(() => keyring.decrypt(key, other, text)).toThrow(AppError)
    const stranger = randomUUID()
    expect(() =>
      keyring.decrypt(keyring.createDataKey(stranger), { ...place, userId: stranger }, text),
    ).toThrow('secret.locked')
  })

  it('does not open a text in which one character was changed', () => {
    const key = keyring.createDataKey(userId)
    for (const secret of ['', 't', 'to', 'tok', 'toke', 'token']) {
      const text = keyring.encrypt(key, place, new Secret(secret))
      for (let at = 0; at < text.length; at += 1)
        for (const other of ['A', 'B', '_', '.'].filter((one) => one !== text[at])) {
          const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
          expect(() => keyring.decrypt(key, place, changed), changed).toThrow('secret.locked')
        }
    }
  })

  it('says which master key is wanted when a secret is of another', () => {
    const other = keyringOf(randomBytes(32))
    const key = keyring.createDataKey(userId)
    const text = keyring.encrypt(key, place, new Secret('token'))
    expect(() => other.decrypt(key, place, text)).toThrow(
      expect.objectContaining({
        code: 'secret.locked',
        facts: { fingerprint: keyring.fingerprint },
      }),
    )
  })
})

describe('sealed texts', () => {
  const now = new Date('2026-03-01T10:00:00Z')
  const later = new Date('2026-03-01T10:10:00Z')

  it('come back whole until they expire, for their purpose only', () => {
    const text = keyring.seal('registration', { token: 'x' }, later)
    expect(keyring.unseal('registration', text, now)).toEqual({ token: 'x' })
    expect(keyring.unseal('registration', text, later)).toBeUndefined()
    expect(keyring.unseal('other', text, now)).toBeUndefined()
    expect(keyring.unseal('registration', `${text.slice(0, -2)}AA`, now)).toBeUndefined()
    expect(keyring.unseal('registration', 'rubbish', now)).toBeUndefined()
  })
})
