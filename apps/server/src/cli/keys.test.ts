import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signIn } from '@studioops/contracts/accounts'
import { testJira, testModel } from '@studioops/contracts/connections'
import { getInstallation } from '@studioops/contracts/installation'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { createAudit } from '../platform/audit/audit.ts'
import { createMasterKeys } from '../platform/crypto/master-keys.ts'
import { openKeyring } from '../platform/crypto/open-keyring.ts'
import { type Database, openDatabase } from '../platform/db/database.ts'
import { openMasterKeys } from '../platform/instance/master-key-source.ts'
import { createLog } from '../platform/log/log.ts'
import { startTestApp, testPassword } from '../testing/test-app.ts'
import { copyDatabase, type TestDatabase } from '../testing/test-database.ts'
import { runAudit } from './audit.ts'
import { runKeys } from './keys.ts'

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

function givenDirectory(key?: Buffer) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'keys-cli-'))
  if (key !== undefined) {
    mkdirSync(join(dataDirectory, 'keys'))
    writeFileSync(join(dataDirectory, 'keys', 'master.key'), key, { mode: 0o600 })
  }
  return dataDirectory
}

async function run(
  command: typeof runKeys | typeof runAudit,
  args: string[],
  environment: Record<string, string>,
) {
  const written: string[] = []
  const write = (text: string) => void written.push(text)
  const config = loadConfig(environment)
  const work = { config, openDatabase: async () => database, terminal: { out: write, tell: write } }
  return { code: await command(args, work), text: written.join('') }
}

describe('studioops keys', () => {
  it('replaces the key file, keeps the earlier one, and says which is which [SEC-1]', async () => {
    const key = randomBytes(32)
    const directory = givenDirectory(key)
    const environment = { STUDIOOPS_DATA_DIR: directory }
    const before = await openKeyring(
      database,
      (await openMasterKeys(loadConfig(environment))).masterKeys,
    )
    const rotated = await run(runKeys, ['rotate'], environment)
    expect(rotated.code).toBe(0)
    expect(readdirSync(join(directory, 'keys')).toSorted()).toEqual([
      `master-old-${before.fingerprint}.key`,
      'master.key',
    ])
    const after = await openKeyring(
      database,
      (await openMasterKeys(loadConfig(environment))).masterKeys,
    )
    expect(after.locked).toBeUndefined()
    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(after.pepper()).toEqual(before.pepper())
    const status = await run(runKeys, ['status'], environment)
    expect(status).toMatchObject({ code: 0 })
    expect(status.text).toContain(`Master key ${after.fingerprint} from ${directory}`)
    expect(status.text).not.toContain(
      readFileSync(join(directory, 'keys', 'master.key')).toString('hex'),
    )
    const { rows } = await copy.asOwner((db) =>
      db.query(`select facts from audit_events where action = 'keys.rotate'`),
    )
    expect(rows).toMatchObject([{ facts: { to: after.fingerprint, rewrapped: 0 } }])
  })

  it('goes over from one key of the environment to another', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const before = await openKeyring(
      database,
      createMasterKeys(() => ({ own: first, others: [] })),
    )
    const environment = {
      STUDIOOPS_MASTER_KEY: second.toString('hex'),
      STUDIOOPS_MASTER_KEY_PREVIOUS: first.toString('hex'),
    }
    expect(await run(runKeys, ['rotate'], environment)).toMatchObject({ code: 0 })
    const alone = createMasterKeys(() => ({ own: second, others: [] }))
    const after = await openKeyring(database, alone)
    expect(after.locked).toBeUndefined()
    expect(after.pepper()).toEqual(before.pepper())
  })

  it('says what is missing, and changes nothing without the right key', async () => {
    const right = randomBytes(32)
    const keyring = await openKeyring(
      database,
      createMasterKeys(() => ({ own: right, others: [] })),
    )
    const wrong = { STUDIOOPS_DATA_DIR: givenDirectory(randomBytes(32)) }
    const status = await run(runKeys, ['status'], wrong)
    expect(status.code).toBe(1)
    expect(status.text).toContain(`under ${keyring.fingerprint} since`)
    expect(status.text).toContain('(this key is not here)')
    await expect(run(runKeys, ['rotate'], wrong)).rejects.toThrow('no key that wrapped this')
    expect(await run(runKeys, ['rotate'], { STUDIOOPS_DATA_DIR: givenDirectory() })).toMatchObject({
      code: 4,
      text: expect.stringContaining('There is no master key'),
    })
    expect(await run(runKeys, ['turn'], wrong)).toMatchObject({ code: 3 })
  })
})

it('leaves passwords, sessions and tokens as they are when the master key is replaced [SEC-1, SEC-10]', async () => {
  await using app = await startTestApp()
  const client = await app.withModel('noa.levi')
  const next = randomBytes(32)
  const config = loadConfig({
    STUDIOOPS_MASTER_KEY: next.toString('hex'),
    STUDIOOPS_MASTER_KEY_PREVIOUS: app.masterKey.toString('hex'),
  })
  const silent = { out: () => undefined, tell: () => undefined }
  const work = { config, openDatabase: async () => app.database, terminal: silent }
  expect(await runKeys(['rotate'], work)).toBe(0)

  await app.restart(next)
  expect(app.app.locked).toBeUndefined()
  expect(await client.call(testJira, { body: {} })).toMatchObject({ passed: true })
  expect(
    await client.call(testModel, { body: { baseUrl: app.model.url, model: 'demo-writer' } }),
  ).toMatchObject({ passed: true })
  const again = await app.signedIn('noa.levi')
  expect((await again.fetch('/api/connections')).status).toBe(200)
})

describe('studioops keys reset [SEC-10]', () => {
  it('lets the product start without the lost key, says what is wanted, and lets people in again', async () => {
    await using app = await startTestApp()
    const owner = await app.withModel('noa.levi')
    const credentials = { username: 'noa.levi@studio.example', password: testPassword }
    const before = app.app.locked
    expect(before).toBeUndefined()
    const lost = createMasterKeys(() => ({ own: app.masterKey, others: [] })).own()?.fingerprint

    const present = randomBytes(32)
    await app.restart(present)
    expect(app.app.locked).toContain(`were closed with ${lost}`)
    const { lockedKeys } = await app.visitor().call(getInstallation, {})
    expect(lockedKeys).toMatchObject({ wanted: lost })
    const ready = await app.visitor().fetch('/readyz')
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining(`${lost}`)])
    expect(await app.visitor('he').try(signIn, { body: credentials })).toMatchObject({
      ok: false,
      status: 503,
      problem: { code: 'keys.locked', message_he: expect.stringContaining(`${lost}`) },
    })
    expect((await owner.fetch('/api/connections')).status).toBe(401)

    const environment = { STUDIOOPS_DATA_DIR: givenDirectory(present) }
    const onApp = async (args: string[]) => {
      const written: string[] = []
      const write = (text: string) => void written.push(text)
      const work = {
        config: loadConfig(environment),
        openDatabase: async () => app.database,
        terminal: { out: write, tell: write },
      }
      return { code: await runKeys(args, work), text: written.join('') }
    }
    await app.copy.asOwner((db) =>
      db.query(`insert into recovery_codes (user_id, code_hash) select id, 'kept' from users`),
    )
    expect(await onApp(['reset'])).toMatchObject({ code: 3 })
    const reset = await onApp(['reset', '--yes'])
    expect(reset.code).toBe(0)
    expect(reset.text).toMatch(/noa\.levi: http:\/\/localhost:8080\/reset#[\w-]{43}/)
    expect(await onApp(['reset', '--yes'])).toMatchObject({ code: 1 })

    await app.restart(present)
    expect(app.app.locked).toBeUndefined()
    expect(await app.visitor().try(signIn, { body: credentials })).toMatchObject({
      problem: { code: 'login.failed' },
    })
    const { rows } = await app.copy.asOwner((db) =>
      db.query(
        `select failure_code from connection_checks where failing_since is not null
         union all select 'offered' from password_resets where used_at is null
         union all select 'recovery code' from recovery_codes`,
      ),
    )
    expect(rows).not.toContainEqual({ failure_code: 'recovery code' })
    expect(rows).toContainEqual({ failure_code: 'secret.locked' })
    expect(rows).toContainEqual({ failure_code: 'offered' })
  })
})

describe('studioops audit', () => {
  it('verifies, closes what is old into a file, and goes on from there [SEC-7]', async () => {
    const directory = givenDirectory()
    const environment = { STUDIOOPS_DATA_DIR: directory }
    const audit = createAudit(database)
    for (let n = 0; n < 5; n += 1) await audit.record({ action: 'session.end', outcome: 'done' })
    expect(await run(runAudit, ['verify'], environment)).toMatchObject({
      code: 0,
      text: expect.stringContaining('The chain is whole'),
    })
    const closed = await run(
      runAudit,
      ['close', '--before', new Date(Date.now() + 60_000).toISOString()],
      environment,
    )
    expect(closed.code).toBe(0)
    const [name = ''] = readdirSync(join(directory, 'audit', 'closed'))
    const file = join(directory, 'audit', 'closed', name)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      action: 'session.end',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const whole = await run(runAudit, ['verify'], environment)
    expect(whole.text).toContain('1 closed parts')
    expect(whole.text).toContain('are as they were sealed')
    const kept = readFileSync(file, 'utf8')
    writeFileSync(file, kept.replaceAll('session.end', 'session.bend'))
    expect(await run(runAudit, ['verify'], environment)).toMatchObject({
      code: 1,
      text: expect.stringContaining('are not as they were sealed'),
    })
    writeFileSync(file, kept)

    await copy.asOwner((db) =>
      db.query(
        `begin; alter table audit_events disable trigger all;
         update audit_events set outcome = 'failed'; alter table audit_events enable trigger all; commit`,
      ),
    )
    const broken = await run(runAudit, ['verify', '--json'], environment)
    expect(broken.code).toBe(1)
    expect(JSON.parse(broken.text)).toMatchObject({ isWhole: false, breaks: [{ kind: 'edited' }] })
    const refused = await run(runAudit, ['close', '--before', '2100-01-01'], environment)
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('nothing was closed') })
    expect(await run(runAudit, ['close', '--before', 'soon'], environment)).toMatchObject({
      code: 3,
    })
  })
})
