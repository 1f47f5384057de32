import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { copyDatabase } from '../../testing/test-database.ts'
import { createLog } from '../log/log.ts'
import { compileOnce } from './compiled-query.ts'
import { openDatabase } from './database.ts'

it('asks the same query with other values each time, and is built once', async () => {
  await using copy = await copyDatabase()
  await using database = openDatabase(copy, createLog({ level: 'silent' }))
  let built = 0
  const ask = compileOnce<{ mode: string; most: number }, { mode: string }>((db, slot) => {
    built += 1
    return db
      .selectFrom('workspace')
      .select('mode')
      .where('mode', '=', slot('mode'))
      .limit(slot('most'))
  })
  const answer = (mode: string, most: number) =>
    database.readAsUser(randomUUID(), (db) => ask(db, { mode, most }))

  expect(await answer('new', 5)).toEqual([{ mode: 'new' }])
  expect(await answer('own', 5)).toEqual([])
  expect(await answer('new', 0)).toEqual([])
  expect(built).toBe(1)
})
