import { expect, it } from 'vitest'
import { execute } from '../execute/execute.ts'
import { connectTo, createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { acceptEdits } from './accept-edits.ts'

const target = (database: TestDatabase) => ({ open: () => connectTo(database.target) })

async function databaseWithOne(checksum: string): Promise<TestDatabase> {
  const database = await createTestDatabase()
  const prepared = {
    type: 'schema_change',
    checksum,
    statements: [{ no: 1, text: 'create table a (id int)', txClass: 'tx', line: 1, column: 1 }],
  } as const
  const result = await execute({
    target: target(database),
    appVersion: '1',
    migrations: [{ name: '0001_a', checksum, prepare: async () => prepared }],
  })
  expect(result.kind).toBe('done')
  return database
}

it('takes an edited file for what has run, says why, and keeps what was there before [MIG-6]', async () => {
  await using database = await databaseWithOne('old')
  const accept = (checksum: string, reason: string) =>
    acceptEdits({
      target: target(database),
      appVersion: '1',
      files: [{ id: '0001_a', checksum, rawSha256: `raw ${checksum}`, formerChecksums: [] }],
      reason,
    })
  expect(await accept('new', "it's a comment")).toEqual({
    kind: 'accepted',
    migrations: ['0001_a'],
  })
  expect(await accept('new', 'again')).toEqual({ kind: 'nothing-to-do' })
  expect(await accept('newer', 'a typo')).toMatchObject({ kind: 'accepted' })
  const rows = await database.query(
    `select checksum, raw_sha256, status, error_detail -> 'accepted_edits' as edits
       from schema_migrations`,
  )
  expect(rows).toMatchObject([
    {
      checksum: 'newer',
      raw_sha256: 'raw newer',
      status: 'completed',
      edits: [
        { reason: "it's a comment", from: 'old', to: 'new' },
        { reason: 'a typo', from: 'new', to: 'newer' },
      ],
    },
  ])
})
