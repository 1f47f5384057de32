import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createLog } from '../log/log.ts'
import { type Database, openDatabase } from './database.ts'
import { requireHeldRoles } from './protection.ts'

/** Tables that serve people and belong to nobody, and why that is right. */
const shared: Readonly<Record<string, string>> = {
  workspace: 'how the workspace is set up; holds nothing of a person and no secret',
}

let copy: TestDatabase
let database: Database

beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, createLog({ level: 'silent' }))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

/** The lint of security.md 5: what the run-time roles may touch, and what holds them. */
const tables = () =>
  copy.asOwner(async (db) => {
    const { rows } = await db.query<Table>(`
      select c.relname as name, c.relrowsecurity as is_held,
        (select count(*)::int from pg_policy where polrelid = c.oid) as policies,
        exists (select from pg_policy where polrelid = c.oid
          and 'studioops_app'::regrole = any(polroles) and pg_get_expr(polqual, polrelid) = 'true') as is_open,
        has_table_privilege('studioops_app', c.oid, 'select,insert,update,delete') as is_granted
      from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`)
    return rows
  })

type Table = {
  name: string
  is_held: boolean
  policies: number
  is_open: boolean
  is_granted: boolean
}

describe('every table', () => {
  it('that serves people has row policies, or stands in a list that says why not [ID-13, SEC-5]', async () => {
    const found = await tables()
    const unheld = found.filter(
      ({ is_granted, is_held, policies }) => is_granted && (!is_held || policies === 0),
    )
    expect(unheld.map(({ name }) => name).filter((name) => shared[name] === undefined)).toEqual([])
    const names = found.map(({ name }) => name)
    expect(Object.keys(shared).filter((name) => !names.includes(name))).toEqual([])
  })

  it('that a policy opens to everybody does not pass for one that is held [ID-13]', async () => {
    const open = (await tables()).filter(({ is_open }) => is_open).map(({ name }) => name)
    expect(open.filter((name) => shared[name] === undefined)).toEqual([])
  })

  it('is found by this lint as soon as it is there', async () => {
    await copy.asOwner((db) =>
      db.query('create table notes (owner_id uuid); grant select on notes to studioops_app'),
    )
    const names = (await tables())
      .filter(({ is_granted, is_held }) => is_granted && !is_held)
      .map(({ name }) => name)
    expect(names).toContain('notes')
    await copy.asOwner((db) => db.query('drop table notes'))
  })

  it('has no view over it, which would see with the eyes of its owner', async () => {
    const { rows } = await copy.asOwner((db) =>
      db.query(`select relname from pg_class
        where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace`),
    )
    expect(rows).toEqual([])
  })

  it('is out of reach of functions with the rights of their owner, but for those with a fixed search path', async () => {
    const { rows } = await copy.asOwner((db) =>
      db.query(`select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
        and not coalesce(array_to_string(proconfig, ',') ~ 'search_path', false)`),
    )
    expect(rows).toEqual([])
  })
})

describe('every function with the rights of its owner', () => {
  it('is for our roles only, never for whoever else may log in [ID-13]', async () => {
    const { rows } = await copy.asOwner((db) =>
      db.query(`select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
        and prorettype <> 'trigger'::regtype and has_function_privilege('public', oid, 'execute')`),
    )
    expect(rows).toEqual([])
  })
})

describe('the start [ID-13]', () => {
  it('goes on where the roles that serve people are held', async () => {
    await expect(requireHeldRoles(database)).resolves.toBeUndefined()
  })

  it('is refused, with what to do, where one owns a table', async () => {
    await copy.asOwner((db) =>
      db.query('create table mine (); alter table mine owner to studioops_app'),
    )
    await expect(requireHeldRoles(database)).rejects.toThrow(
      /studioops_app owns the table mine, so .* alter table/,
    )
    await copy.asOwner((db) => db.query('drop table mine'))
  })

  it('is refused where one is a superuser', async () => {
    const pool = new pg.Pool({ ...copy.target, max: 1 })
    const asOwner = openDatabase({ ...copy, pool }, createLog({ level: 'silent' }))
    await expect(requireHeldRoles(asOwner)).rejects.toThrow(/is a superuser/)
    await asOwner[Symbol.asyncDispose]()
  })
})
