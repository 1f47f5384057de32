import { expect, it } from 'vitest'
import { createTestDatabase } from './test-database.ts'

it('gives every test an empty database', async () => {
  await using database = await createTestDatabase()
  expect(
    await database.query(
      `select count(*)::int as tables from pg_tables where schemaname = 'public'`,
    ),
  ).toEqual([{ tables: 0 }])
})
