import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openMasterKey } from '../crypto/master-keys.ts'
import { Secret } from '../secret/secret.ts'
import { nextMasterKey, takeUpNextMasterKey } from './master-key-files.ts'
import { openMasterKeys } from './master-key-source.ts'

const nothing = { masterKey: undefined, previousMasterKeys: [], masterKeyCommand: undefined }
const fingerprintOf = (key: Buffer) => openMasterKey(key).fingerprint
const hexOf = (key: Buffer) => new Secret(key.toString('hex'))

function givenFile(key: Buffer) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'keys-'))
  const keys = join(dataDirectory, 'keys')
  mkdirSync(keys)
  writeFileSync(join(keys, 'master.key'), key, { mode: 0o600 })
  return { dataDirectory, keys }
}

describe('the master key [SEC-10]', () => {
  it('comes from the environment, and earlier ones still open', async () => {
    const [own, earlier] = [randomBytes(32), randomBytes(32)]
    const { masterKeys, kind } = await openMasterKeys({
      ...nothing,
      dataDirectory: '/nowhere',
      masterKey: hexOf(own),
      previousMasterKeys: [hexOf(earlier)],
    })
    expect(kind).toBe('environment')
    expect(masterKeys.own()?.fingerprint).toBe(fingerprintOf(own))
    expect(masterKeys.find(fingerprintOf(earlier))).toBeDefined()
    expect(masterKeys.find('00000000')).toBeUndefined()
  })

  it('comes from a command, such as that of a secrets manager, and one that fails is told without what it wrote [SEC-15]', async () => {
    const own = randomBytes(32)
    const ask = (script: string) =>
      openMasterKeys({
        ...nothing,
        dataDirectory: '/nowhere',
        masterKeyCommand: [process.execPath, '-e', script],
      })
    const good = await ask(`console.log('${own.toString('hex')}')`)
    expect(good.masterKeys.own()?.fingerprint).toBe(fingerprintOf(own))
    for (const script of ['console.log("canary")', 'console.error("canary"); process.exit(3)']) {
      const bad = await ask(script)
      expect(bad.masterKeys.own()).toBeUndefined()
      expect(bad.problem).toMatch(/did not write 64 hex digits|failed \(3\)/)
      expect(bad.problem).not.toContain('canary')
    }
    const missing = await openMasterKeys({
      ...nothing,
      dataDirectory: '/nowhere',
      masterKeyCommand: ['/nowhere/kms; touch /tmp/owned'],
    })
    expect(missing.problem).toContain('failed (ENOENT)')
  })

  it('comes from a file, and one that is put beside it later is found', async () => {
    const own = randomBytes(32)
    const { dataDirectory, keys } = givenFile(own)
    const { masterKeys } = await openMasterKeys({ ...nothing, dataDirectory })
    const next = await nextMasterKey(keys)
    expect(await nextMasterKey(keys)).toEqual(next)
    expect(masterKeys.find(fingerprintOf(next))).toBeDefined()
    expect(masterKeys.own()?.fingerprint).toBe(fingerprintOf(own))

    const kept = await takeUpNextMasterKey(keys, fingerprintOf(own))
    expect(readFileSync(kept)).toEqual(own)
    const later = await openMasterKeys({ ...nothing, dataDirectory })
    expect(later.masterKeys.own()?.fingerprint).toBe(fingerprintOf(next))
    expect(later.masterKeys.find(fingerprintOf(own))).toBeDefined()
  })

  it('is absent where nothing is there, and weak where anybody could guess it', async () => {
    const absent = await openMasterKeys({ ...nothing, dataDirectory: '/nowhere' })
    expect(absent.masterKeys.own()).toBeUndefined()
    const { dataDirectory } = givenFile(Buffer.alloc(32))
    expect((await openMasterKeys({ ...nothing, dataDirectory })).weakness?.en).toContain('zeros')
  })
})
