import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as api from '@studioops/contracts/backups'
import { describe, expect, it } from 'vitest'
import { startTestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { test } from '../../testing/test.ts'

describe('backups of those who run the workspace', () => {
  test('are listed, downloaded and planned with the password given, and by nobody else [OPS-7]', async ({
    app,
  }) => {
    const owner = await app.steppedUp('noa.levi')
    const member = await app.signedIn('maya.green')
    expect(await member.try(api.listBackups, {})).toMatchObject({ ok: false, status: 403 })
    const directory = join(app.dataDirectory, 'backups')
    await mkdir(directory, { recursive: true })
    const file = 'studioops-20261122T060000Z-0a1b2c3d.tar.zst'
    await writeFile(join(directory, file), 'archive')
    await writeFile(join(directory, 'another.txt'), 'none')
    expect(await owner.call(api.listBackups, {})).toEqual({
      backups: [{ file, bytes: 7 }],
      schedule: { everyHours: null, keepCount: 7 },
      running: [],
      canMake: false,
      isSealing: false,
    })
    const schedule = { everyHours: 24, keepCount: 3 }
    await owner.call(api.changeBackupSchedule, { body: schedule })
    expect(await owner.call(api.listBackups, {})).toMatchObject({ schedule })
    const { path } = await owner.call(api.prepareBackupDownload, { body: { file } })
    expect(await (await owner.fetch(path)).text()).toBe('archive')
    expect((await member.fetch(path)).status).toBe(403)
    for (const other of ['../keys/master.key', 'another.txt', `../backups/${file}`])
      expect((await owner.fetch(`/api/backups/${encodeURIComponent(other)}/content`)).status).toBe(
        404,
      )
    const fresh = await app.signedIn('noa.levi')
    expect((await fresh.fetch(path)).status).toBe(403)
    // The tests' product does not own its tables.
    expect(await owner.try(api.makeBackup, {})).toMatchObject({
      problem: { code: 'backup.evaluation' },
    })
    const { rows } = await app.copy.asOwner((db) =>
      db.query<{ action: string }>(
        `select action from audit_events where action like 'backup.%' order by sequence`,
      ),
    )
    expect(rows.map(({ action }) => action)).toEqual(['backup.schedule', 'backup.download'])
    expect(await readdir(directory)).toContain(file)
  })
})

/** Until no work on backups is under way. */
async function settled(client: TestClient) {
  for (;;) {
    const reply = await client.call(api.listBackups, {})
    if (reply.running.length === 0) return reply
    await wait(100)
  }
}

describe('a product that owns its tables', () => {
  it('makes a backup by the button, verifies it and rehearses its restore [OPS-7]', async () => {
    await using app = await startTestApp({ ownsTables: true })
    const owner = await app.steppedUp('noa.levi')
    expect(await owner.call(api.listBackups, {})).toMatchObject({ canMake: true, backups: [] })
    await owner.call(api.makeBackup, {})
    const made = await settled(owner)
    expect(made.backups).toMatchObject([{ facts: { cause: 'button' } }])
    const file = made.backups[0]?.file ?? ''

    await owner.call(api.checkBackup, { body: { file, kind: 'verify' } })
    const verified = await settled(owner)
    expect(verified.backups).toMatchObject([{ file, check: { kind: 'verify', changes: [] } }])
    expect(verified.backups[0]?.check?.problem).toBeUndefined()

    await owner.call(api.checkBackup, { body: { file, kind: 'rehearse' } })
    const rehearsed = await settled(owner)
    expect(rehearsed.backups[0]?.check).toMatchObject({ kind: 'rehearse' })
    expect(rehearsed.backups[0]?.check?.problem).toBeUndefined()

    await appendFile(join(app.dataDirectory, 'backups', file), 'one more')
    await owner.call(api.checkBackup, { body: { file, kind: 'verify' } })
    expect((await settled(owner)).backups[0]?.check?.problem).toMatchObject({
      code: 'backup.damaged',
    })
    const body = { file: '../keys/master.key', kind: 'verify' } as const
    expect(await owner.try(api.checkBackup, { body })).toMatchObject({ ok: false, status: 404 })
    const { rows } = await app.copy.asOwner((db) =>
      db.query<{ action: string; outcome: string }>(
        `select action, outcome from audit_events where action like 'backup.%' order by sequence`,
      ),
    )
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'backup.create done',
      'backup.verify done',
      'backup.rehearse done',
      'backup.verify refused',
    ])
  })
})
