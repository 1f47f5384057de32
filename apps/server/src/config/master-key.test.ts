import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://ops.example' }

describe('the master key in the configuration [SEC-10]', () => {
  it.each([
    ['0'.repeat(64), 'it is all zeros'],
    ['a1'.repeat(32), 'it repeats itself'],
  ])('is refused in production where it can be guessed: %s', (key, because) => {
    const load = (environment: Record<string, string>) => () =>
      loadConfig({ ...environment, STUDIOOPS_MASTER_KEY: key })
    expect(load(production)).toThrow(
      `STUDIOOPS_MASTER_KEY: must be 32 random bytes in production; this one can be guessed: ${because}. Make one with: openssl rand -hex 32.`,
    )
    expect(load(production)).not.toThrow(key)
    expect(load({})).not.toThrow()
  })

  it('is taken in production where it is random, with the earlier ones beside it', () => {
    const [own, ...earlier] = [1, 2, 3].map(() => randomBytes(32).toString('hex'))
    const config = loadConfig({
      ...production,
      STUDIOOPS_MASTER_KEY: own,
      STUDIOOPS_MASTER_KEY_PREVIOUS: earlier.join(','),
    })
    expect(config.masterKey?.reveal()).toBe(own)
    expect(config.previousMasterKeys.map((key) => key.reveal())).toEqual(earlier)
  })

  it.each([
    ['vault read -field=key secret/studioops', ['vault', 'read', '-field=key', 'secret/studioops']],
    ['["/opt/my tools/kms", "get"]', ['/opt/my tools/kms', 'get']],
  ])('may come from a command, whose words are not read by a shell: %s', (text, words) => {
    expect(loadConfig({ STUDIOOPS_MASTER_KEY_COMMAND: text }).masterKeyCommand).toEqual(words)
  })

  it('comes from one place only', () => {
    const load = () =>
      loadConfig({
        STUDIOOPS_MASTER_KEY: randomBytes(32).toString('hex'),
        STUDIOOPS_MASTER_KEY_COMMAND: 'kms',
      })
    expect(load).toThrow('STUDIOOPS_MASTER_KEY_COMMAND: must be absent')
    expect(() => loadConfig({ STUDIOOPS_MASTER_KEY_COMMAND: '[kms' })).toThrow('a program')
  })
})
