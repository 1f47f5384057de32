import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createChat, updateChat } from '@studioops/contracts/chats'
import * as deletions from '@studioops/contracts/deletions'
import { createProject, listProjects, readProject } from '@studioops/contracts/projects'
import { describe, expect } from 'vitest'
import { createFilesObjectStore } from '../../integrations/object-store/files-object-store.ts'
import { ObjectStoreError } from '../../integrations/object-store/object-store.ts'
import { openRowsOfProjects } from '../../platform/db/rows/rows-of-projects.ts'
import { givenDocument } from '../../testing/sent-documents.ts'
import { test } from '../../testing/test.ts'
import type { TestApp } from '../../testing/test-app.ts'
import type { TestClient } from '../../testing/test-client.ts'
import { verifyReceipts } from './projects.receipts.ts'

const name = 'פרויקט "אלפא" – 2026'

async function begin(client: TestClient, called = name): Promise<string> {
  const { project } = await client.call(createProject, { body: { name: called } })
  return project.id
}

/** One row at least in each table that hangs on a project, as far as this schema has them. */
async function fill(app: TestApp, projectId: string): Promise<void> {
  await app.copy.asOwner(async (db) => {
    const one = async (table: string, text: string) => {
      const { rows } = await db.query('select to_regclass($1) as there', [table])
      if (rows[0]?.there !== null) await db.query(text, [projectId])
    }
    await db.query(`insert into project_budgets values ($1, 'ILS', 1000)`, [projectId])
    await db.query(
      `insert into project_links (id, project_id, kind, key, name)
       select gen_random_uuid(), $1, 'jira-project', 'K' || n, 'Pay ' || n from generate_series(1, 3) n`,
      [projectId],
    )
    await one(
      'files',
      `insert into files (id, project_id, file_hash, size_bytes, format, stored_in, stored_at, state)
       select gen_random_uuid(), $1, encode(sha256(convert_to(n::text, 'UTF8')), 'hex'), 10, 'txt', 'files', now(), 'ready'
       from generate_series(1, 4) n`,
    )
    await one(
      'documents',
      `insert into documents (id, project_id, file_id, name)
       select gen_random_uuid(), project_id, id, 'a.txt' from files where project_id = $1`,
    )
    await one(
      'document_chunks',
      `insert into document_chunks (project_id, file_id, ordinal, text)
       select project_id, id, n, 'text' from files, generate_series(1, 5) n where project_id = $1`,
    )
    await one(
      'file_meanings',
      `insert into file_meanings (file_id, project_id, model, dimensions, chunk_ids, vectors)
       select id, project_id, 'demo', 1, '{}', '' from files where project_id = $1`,
    )
    await one(
      'search_segments',
      `with made as (insert into search_segments (project_id, terms_version, level, item_count, word_count, items)
         values ($1, 1, 0, 1, 1, '') returning id)
       insert into search_postings select id, 'term', 1, '' from made`,
    )
    await one(
      'purchases',
      `insert into purchases (id, project_id, bought_on, vendor, unit_price, currency)
       select gen_random_uuid(), $1, current_date, 'Vendor', 10, 'ILS' from generate_series(1, 2) n`,
    )
  })
}

/** Rows of every table that names the project, whatever the foreign keys say. */
async function leftOf(app: TestApp, projectId: string): Promise<Record<string, number>> {
  return app.copy.asOwner(async (db) => {
    const { rows } = await db.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name = 'project_id'
         and table_name <> 'deletion_receipts' order by 1`,
    )
    const left: Record<string, number> = {}
    for (const { name: table } of rows) {
      const found = await db.query(`select from ${table} where project_id = $1`, [projectId])
      if (found.rows.length > 0) left[table] = found.rows.length
    }
    return left
  })
}

async function trashed(client: TestClient, projectId: string, purchases?: 'delete') {
  const body = { name, ...(purchases === undefined ? {} : { purchases }) }
  return client.call(deletions.trashProject, { params: { projectId }, body })
}

const purge = (client: TestClient, projectId: string) =>
  client.call(deletions.purgeProject, { params: { projectId }, body: { name } })

describe('the deletion of a project', () => {
  test('says before what goes, and the receipt says afterwards that it went [PRJ-3, PRJ-4, PRJ-8]', async ({
    app,
  }) => {
    const noa = await app.steppedUp('noa.levi')
    const projectId = await begin(noa)
    await fill(app, projectId)
    const { preview } = await noa.call(deletions.previewDeletion, { params: { projectId } })
    expect(preview.removed).toMatchObject({ projects: 1, project_members: 1, project_links: 3 })
    expect(preview.links).toEqual(['Pay 1', 'Pay 2', 'Pay 3'])

    const wrong = await noa.try(deletions.trashProject, {
      params: { projectId },
      body: { name: 'another', purchases: 'detach' },
    })
    expect(wrong).toMatchObject({ ok: false, problem: { code: 'project.name-differs' } })
    await trashed(noa, projectId)
    expect((await noa.call(listProjects, { query: {} })).projects).toEqual([])
    expect(await noa.try(readProject, { params: { projectId } })).toMatchObject({ status: 404 })
    const { projects } = await noa.call(deletions.listTrash, {})
    expect(projects).toMatchObject([{ projectId, name, isOwn: true, purchases: 'detach' }])

    const { receipt } = await purge(noa, projectId)
    // The deletion itself is one more entry of the activity.
    expect(receipt.removed).toEqual({
      ...preview.removed,
      project_activity: (preview.removed['project_activity'] ?? 0) + 1,
    })
    expect(receipt.detached).toEqual(preview.detached)
    expect(receipt).toMatchObject({ projectName: name, cause: 'person', objects: preview.objects })
    expect(receipt.requestId).toBeTruthy()
    expect(await leftOf(app, projectId)).toEqual({})
    expect((await noa.call(deletions.listReceipts, {})).receipts).toContainEqual(receipt)
    const audit = await app.copy.asOwner((db) =>
      db.query(`select facts from audit_events where action = 'project.purge' and target = $1`, [
        `project:${projectId}`,
      ]),
    )
    expect(audit.rows).toMatchObject([{ facts: { receipt: receipt.id } }])
  })

  test('gives back every row as it was out of the trash, and deletes purchases only when asked [D-8, PRJ-8]', async ({
    app,
  }) => {
    const noa = await app.steppedUp('noa.levi')
    const projectId = await begin(noa)
    await fill(app, projectId)
    const rowsOf = () =>
      app.copy.asOwner(async (db) => {
        const { rows } = await db.query<{ name: string; condition: string }>(
          `select name, condition from project_tables() where name <> 'project_activity'`,
        )
        const texts: string[] = []
        for (const table of rows) {
          const text = `select to_jsonb(t)::text as row from ${table.name} t where ${table.condition} order by 1`
          texts.push(
            ...(await db.query<{ row: string }>(text, [projectId])).rows.map(({ row }) => row),
          )
        }
        return texts
      })
    const before = await rowsOf()
    await trashed(noa, projectId, 'delete')
    await noa.call(deletions.restoreProject, { params: { projectId } })
    expect(await rowsOf()).toEqual(before)
    expect((await noa.call(listProjects, { query: {} })).projects).toMatchObject([
      { id: projectId },
    ])

    await trashed(noa, projectId, 'delete')
    const { receipt } = await purge(noa, projectId)
    expect(receipt.detached).not.toHaveProperty('purchases')
  })

  test('leaves nothing behind, whoever adds something meanwhile, and tells them [PRJ-6, PRJ-7]', async ({
    app,
  }) => {
    const noa = await app.steppedUp('noa.levi')
    for (let round = 0; round < 6; round += 1) {
      const projectId = await begin(noa)
      await fill(app, projectId)
      await trashed(noa, projectId)
      const refusals: unknown[] = []
      const add = () =>
        app.copy
          .asOwner((db) =>
            db.query(
              `insert into project_links (id, project_id, kind, key, name)
               select gen_random_uuid(), $1, 'jira-project', $2, 'x'`,
              [projectId, randomUUID()],
            ),
          )
          .catch((error: unknown) => refusals.push(error))
      const late = Array.from({ length: 6 }, add)
      const { receipt } = await purge(noa, projectId)
      await Promise.all([...late, add()])
      expect(refusals.length).toBeGreaterThan(0)
      expect(refusals.every((error) => (error as { code: string }).code === '23503')).toBe(true)
      expect(receipt.removed['project_links']).toBe(3 + 7 - refusals.length)
      expect(await leftOf(app, projectId)).toEqual({})
    }
  })

  test('is whole or has not happened, wherever it fails [PRJ-3, PRJ-6]', async ({ app }) => {
    const noa = await app.steppedUp('noa.levi')
    const projectId = await begin(noa)
    await fill(app, projectId)
    await trashed(noa, projectId)
    const before = await leftOf(app, projectId)
    const tables = Object.keys(before)
    for (const table of [...tables, 'projects', 'deletion_receipts']) {
      await app.copy.asOwner((db) =>
        db.query(`create or replace function refuse_it() returns trigger language plpgsql as
            $$ begin raise exception 'disk is full' using errcode = '53100'; end $$;
          create trigger refused before update or delete on ${table} for each row execute function refuse_it()`),
      )
      const failed = await noa.try(deletions.purgeProject, {
        params: { projectId },
        body: { name },
      })
      expect(failed).toMatchObject({ ok: false })
      await app.copy.asOwner((db) => db.query(`drop trigger refused on ${table}`))
      expect(await leftOf(app, projectId)).toEqual(before)
    }
    await purge(noa, projectId)
    expect(await leftOf(app, projectId)).toEqual({})
  })

  test('belongs to owners, and happens by itself after thirty days [PRJ-8]', async ({ app }) => {
    const noa = await app.steppedUp('noa.levi')
    const maya = await app.steppedUp('maya.green')
    const projectId = await begin(noa)
    const stranger = { params: { projectId }, body: { name, purchases: 'detach' as const } }
    expect(await maya.try(deletions.trashProject, stranger)).toMatchObject({ status: 404 })
    await app.copy.asOwner((db) =>
      db.query(
        `insert into project_members (project_id, user_id, role)
         select $1, id, 'editor' from users where employee_id = 'maya.green'`,
        [projectId],
      ),
    )
    const allowed = await maya.try(deletions.trashProject, stranger)
    expect(allowed).toMatchObject({ problem: { code: 'project.not-allowed' } })
    await trashed(noa, projectId)
    expect(await maya.try(deletions.restoreProject, { params: { projectId } })).toMatchObject({
      status: 403,
    })
    await app.app.sweeper.sweep()
    expect(await leftOf(app, projectId)).not.toEqual({})
    await app.copy.asOwner((db) =>
      db.query(`update projects set deleted_at = now() - interval '31 days' where id = $1`, [
        projectId,
      ]),
    )
    await app.app.sweeper.sweep()
    expect(await leftOf(app, projectId)).toEqual({})
    const { receipts } = await maya.call(deletions.listReceipts, {})
    expect(receipts).toMatchObject([{ projectId, cause: 'retention' }])
  })
})

describe('the archive of a project', () => {
  test('holds what the person sees as files that open elsewhere, with a hash of each [PRJ-8]', async ({
    app,
  }) => {
    const noa = await app.signedIn('noa.levi')
    const projectId = await begin(noa)
    const long = `${'הצעת מחיר '.repeat(11)}.txt`
    const texts = { [long]: 'אחת', 'a.txt': 'two', 'A (2).txt': 'three' }
    for (const [called, words] of Object.entries(texts)) {
      const bytes = new TextEncoder().encode(words)
      await givenDocument(noa, projectId, { name: called, bytes })
    }
    const twice = new TextEncoder().encode('four')
    await givenDocument(noa, projectId, { name: 'A.txt', bytes: twice })
    const { chat } = await noa.call(createChat, { body: { projectId } })
    await noa.call(updateChat, { params: { chatId: chat.id }, body: { title: 'לקוח' } })
    await app.copy.asOwner((db) =>
      db.query(
        `insert into purchases (id, project_id, bought_on, vendor, unit_price, currency)
         values (gen_random_uuid(), $1, current_date, '=vendor', 10, 'ILS')`,
        [projectId],
      ),
    )
    const maya = await app.signedIn('maya.green')
    expect((await maya.fetch(`/api${deletions.archivePath(projectId, 'he')}`)).status).toBe(404)
    const answer = await noa.fetch(`/api${deletions.archivePath(projectId, 'he')}`)
    expect(answer.headers.get('content-disposition')).toContain(encodeURIComponent('פרויקט'))
    const folder = join(app.dataDirectory, 'unpacked')
    await mkdir(folder)
    await writeFile(join(folder, 'all.tar'), Buffer.from(await answer.arrayBuffer()))
    // A program that we did not write.
    await promisify(execFile)('tar', ['-xf', 'all.tar'], { cwd: folder })
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
      files: { name: string; bytes: number; sha256: string }[]
      missing: unknown[]
    }
    expect(manifest.missing).toEqual([])
    for (const { name: path, bytes, sha256 } of manifest.files) {
      const content = await readFile(join(folder, path))
      expect(content).toHaveLength(bytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    }
    const names = manifest.files.map(({ name: path }) => path)
    expect(names.filter((path) => path.startsWith('documents/'))).toHaveLength(4)
    expect(names).toContain(`documents/${long}`)
    expect(new Set(names.map((path) => path.toLowerCase())).size).toBe(names.length)
    expect(names.filter((path) => /^chats\/.*\.(md|json)$/.test(path))).toHaveLength(2)
    expect(await readFile(join(folder, 'purchases.csv'), 'utf8')).toContain("'=vendor")
  })
})

describe('the jobs of a project', () => {
  test('are stopped by the trash, and go on when it comes back [PRJ-8]', async ({ app }) => {
    const noa = await app.steppedUp('noa.levi')
    const projectId = await begin(noa)
    const add = `insert into background_jobs (id, kind, payload, written_by, cause, run_at)
      values (gen_random_uuid(), 'documents.read',
        jsonb_build_object('projectId', $1::uuid, 'fileId', gen_random_uuid()), 'test', 'change',
        now() + interval '1 day')`
    await app.copy.asOwner((db) => db.query(add, [projectId]))
    // A person stopped this one before.
    const cancelled = `update background_jobs set state = 'cancelled', ended_at = now(),
      cancel_asked_at = now() where payload ->> 'projectId' = $1`
    await app.copy.asOwner((db) => db.query(cancelled, [projectId]))
    await app.copy.asOwner((db) => db.query(add, [projectId]))
    const states = () =>
      app.copy.asOwner(async (db) => {
        const { rows } = await db.query<{ state: string }>(
          `select state from background_jobs where payload ->> 'projectId' = $1 order by state`,
          [projectId],
        )
        return rows.map(({ state }) => state)
      })
    await trashed(noa, projectId)
    expect(await states()).toEqual(['cancelled', 'cancelled'])
    await noa.call(deletions.restoreProject, { params: { projectId } })
    expect(await states()).toEqual(['cancelled', 'queued'])
  })
})

describe('the verification of receipts', () => {
  test('finds rows, jobs and objects that were left, a changed receipt and a store that is away [PRJ-4]', async ({
    app,
  }) => {
    const noa = await app.steppedUp('noa.levi')
    const projectId = await begin(noa)
    await fill(app, projectId)
    await trashed(noa, projectId)
    const { receipt } = await purge(noa, projectId)
    await app.app.sweeper.sweep()
    const objects = join(app.dataDirectory, 'files/objects')
    await using rows = await openRowsOfProjects(app.copy.target)
    const files = createFilesObjectStore(objects)
    const verify = (receiptId?: string, stores = [files]) =>
      verifyReceipts(receiptId, { database: app.database, rows, stores })
    expect(await verify(receipt.id)).toMatchObject({ isVerified: true })
    expect(await verify(randomUUID())).toMatchObject({ receipts: [{ isThere: false }] })

    const key = `${projectId}/${createHash('sha256').update('left').digest('hex')}`
    const stranger = `${randomUUID()}/${createHash('sha256').update('other').digest('hex')}`
    for (const one of [key, stranger, 'not-ours']) {
      await mkdir(join(objects, one, '..'), { recursive: true })
      await writeFile(join(objects, one), 'left')
    }
    expect(await verify(receipt.id)).toMatchObject({
      isVerified: false,
      receipts: [{ left: { objects: 1 } }],
      orphans: { keys: [key] },
    })
    const { orphans } = await verify()
    expect(orphans.keys.toSorted()).toEqual([key, stranger].toSorted())
    await Promise.all([key, stranger].map((one) => rm(join(objects, one))))

    const left = `insert into background_jobs (id, kind, payload, written_by, cause, run_at)
      values (gen_random_uuid(), 'documents.read', jsonb_build_object('projectId', $1::uuid),
        'test', 'change', now() + interval '1 day')`
    await app.copy.asOwner((db) => db.query(left, [projectId]))
    expect(await verify(receipt.id)).toMatchObject({ receipts: [{ left: { background_jobs: 1 } }] })
    await app.copy.asOwner((db) => db.query('delete from background_jobs'))

    const away = { ...files, list: () => fail() }
    expect(await verify(receipt.id, [away])).toMatchObject({ isVerified: false, unread: ['files'] })
    await app.copy.asOwner((db) =>
      db.query('update deletion_receipts set objects = objects + 1 where id = $1', [receipt.id]),
    )
    expect(await verify(receipt.id)).toMatchObject({ receipts: [{ isUnchanged: false }] })
  })
})

// oxlint-disable-next-line require-yield -- a store that is away gives nothing
async function* fail(): AsyncGenerator<never> {
  throw new ObjectStoreError('away', 'ECONNREFUSED')
}

describe('the foreign keys of the schema', () => {
  test('all say what happens to a row when the one it names changes or goes [PRJ-2]', async ({
    app,
  }) => {
    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select conrelid::regclass || ' ' || conname as key from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace
          and not starts_with(conrelid::regclass::text, 'schema_migration')
          and (confupdtype <> 'c' or confdeltype in ('r', 'd') or (confdeltype = 'a' and not condeferred))`),
    )
    expect(rows).toEqual([])
  })

  test('reach every table that names a project [PRJ-1, PRJ-2]', async ({ app }) => {
    const { rows } = await app.copy.asOwner((db) =>
      db.query(`select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = 'project_id'
          and table_name <> 'deletion_receipts'
          and table_name not in (select name from project_tables() union select name from project_leavers())`),
    )
    expect(rows).toEqual([])
  })
})
