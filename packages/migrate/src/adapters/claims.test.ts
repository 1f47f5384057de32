import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Claim, FoundLedger } from '../ledger/detect-ledgers.ts'
import { readClaims } from './claims.ts'
import { readDirectory } from './read-directory.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'other-tools')
const placeholders = { reader: 'public', ':DATABASE_OWNER': 'postgres' }

const claim = (id: string, more: Partial<Claim> = {}): Claim => ({
  id,
  state: 'applied',
  checksum: undefined,
  appliedAt: undefined,
  ...more,
})

async function claimsOf(
  tool: 'drizzle' | 'prisma' | 'flyway' | 'golang-migrate' | 'graphile-migrate' | 'kysely',
  claims: readonly Claim[],
  coverage: FoundLedger['coverage'] = 'each',
) {
  const folder = tool === 'kysely' ? 'dbmate' : tool
  const directory = await readDirectory(join(fixtures, folder), { placeholders })
  const ledger = { tool, coverage, claims, schema: 'public', table: 't', warnings: [] }
  return readClaims({ ...ledger, lockKey: undefined }, directory)
}

it('finds what drizzle skipped although it is older', async () => {
  const { files } = await readDirectory(join(fixtures, 'drizzle'))
  const hashOf = (path: string) =>
    createHash('sha256')
      .update(files.find((file) => file.path === path)?.text ?? '')
      .digest('hex')
  const claims = ['0000_start.sql', '0002_fill.sql'].map((path) => claim(hashOf(path)))
  expect(await claimsOf('drizzle', claims)).toMatchObject({
    applied: ['0000_start', '0002_fill'],
    skipped: ['0001_posts'],
    unmatched: [],
  })
})

it('does not count what Prisma rolled back, and tells what it never finished', async () => {
  const claims = [
    claim('20240101100000_init', { appliedAt: '2024-01-01T10:00:00.000Z' }),
    claim('20240102090000_posts', { state: 'failed' }),
  ]
  const found = await claimsOf('prisma', claims)
  expect(found).toMatchObject({
    applied: ['20240101100000_init'],
    failed: ['20240102090000_posts'],
  })
  expect(found?.appliedAt.get('20240101100000_init')).toBe('2024-01-01T10:00:00.000Z')
  const undone = [claim('20240101100000_init', { state: 'rolled-back' })]
  expect(await claimsOf('prisma', undone)).toMatchObject({ applied: [], failed: [], skipped: [] })
})

it('reads versions out of order, a failed row, a baseline and an edited file of Flyway', async () => {
  expect(
    await claimsOf('flyway', [claim('1.10'), claim('1'), claim('1.2', { state: 'failed' })]),
  ).toMatchObject({ applied: ['V1__start', 'V1.10__title'], failed: ['V1.2__posts'] })
  expect(
    await claimsOf('flyway', [claim('1.2', { state: 'baseline' }), claim('1.10')]),
  ).toMatchObject({ applied: ['V1__start', 'V1.2__posts', 'V1.10__title'], skipped: [] })
  expect(await claimsOf('flyway', [claim('1', { checksum: '12345' })])).toMatchObject({
    edited: ['V1__start'],
  })
  expect(await claimsOf('flyway', [claim('7')])).toMatchObject({ unmatched: [{ id: '7' }] })
})

it('takes the one number of golang-migrate as a claim about all below it, dirty or not', async () => {
  expect(await claimsOf('golang-migrate', [claim('2')], 'up-to')).toMatchObject({
    applied: ['1_start', '2_posts'],
    failed: [],
  })
  const dirty = [claim('2', { state: 'failed' })]
  expect(await claimsOf('golang-migrate', dirty, 'up-to')).toMatchObject({
    applied: ['1_start'],
    failed: ['2_posts'],
  })
})

it('knows the hash that graphile-migrate itself has written', async () => {
  const claims = [
    claim('000001.sql', { checksum: 'sha1:5c9948410521b074bc3c2e64b4684964718c2604' }),
    claim('000002.sql', { checksum: 'sha1:efee5ee88757c5c1b301d38339853186e688e189' }),
  ]
  expect(await claimsOf('graphile-migrate', claims, 'chain')).toMatchObject({
    applied: ['000001-start', '000002'],
    edited: [],
  })
})

it('has nothing to match where migrations are programs', async () => {
  expect(await claimsOf('kysely', [claim('x')])).toBeUndefined()
})
