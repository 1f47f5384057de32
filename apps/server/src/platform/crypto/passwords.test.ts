import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPasswords } from './passwords.ts'

const pepper = randomBytes(32)
const cheap = { cost: 4 }

describe('passwords [ID-4]', () => {
  it('verifies the right one and no other', async () => {
    const passwords = createPasswords(pepper, cheap)
    const hashed = await passwords.hash('Right1!pass')
    expect(hashed).toMatch(/^b1\$\$2/)
    expect(await passwords.verify('Right1!pass', hashed)).toBe(true)
    expect(await passwords.verify('Wrong1!pass', hashed)).toBe(false)
    expect(await passwords.verify('Right1!pass', undefined)).toBe(false)
  })

  it('looks at every byte of a long Hebrew passphrase', async () => {
    const passwords = createPasswords(pepper, cheap)
    const start = 'א'.repeat(60)
    const hashed = await passwords.hash(`${start}A1!a`)
    expect(await passwords.verify(`${start}A1!b`, hashed)).toBe(false)
    expect(await passwords.verify(`${start}A1!a`, hashed)).toBe(true)
  })

  it('takes the composed and the decomposed form of a letter for the same', async () => {
    const passwords = createPasswords(pepper, cheap)
    const hashed = await passwords.hash('Caf\u00e91!aa')
    expect(await passwords.verify('Cafe\u03011!aa', hashed)).toBe(true)
  })

  it('is of no use with another pepper', async () => {
    const hashed = await createPasswords(pepper, cheap).hash('Right1!pass')
    expect(await createPasswords(randomBytes(32), cheap).verify('Right1!pass', hashed)).toBe(false)
  })

  it('turns away whoever comes when the queue is full, and loses no permit [MON-10]', async () => {
    const passwords = createPasswords(pepper, { cost: 4, atOnce: 1, waitingMax: 2 })
    await passwords.hash('warm')
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => passwords.hash('Right1!pass')),
    )
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(3)
    expect(await passwords.hash('after')).toMatch(/^b1/)
  })
})
