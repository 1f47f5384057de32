import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as api from '@studioops/contracts/backups'
import { describe, expect } from 'vitest'
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
      isMaking: false,
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
