import { expect, it } from 'vitest'
import type { BackupNeed } from '../preflight/backup-need.ts'
import { judgePreflight } from './policy.ts'

const need: BackupNeed = {
  migration: '0002_b',
  statementNo: 3,
  kind: 'table',
  object: 'public.t',
  table: 'public.t',
  rows: 5,
  bytes: 8192,
  isEmpty: false,
  isUndeclared: false,
}
const judge = (policy: 'development' | 'production', keepsData: boolean, isEmpty?: boolean) => {
  const backupNeeded = [{ ...need, isEmpty }]
  const { refusals, warnings } = judgePreflight(
    { objections: [], warnings: [], backupNeeded },
    { policy, keepsData, acceptUnproven: undefined, isProvenByBuild: false },
  )
  return { refusals, warnings }
}
const said = [{ code: 'backup-failed', migration: '0002_b', statementNo: 3, object: 'public.t' }]

it('refuses in production to destroy rows of which nothing would be kept, and warns elsewhere [MIG-9] [OPS-7]', () => {
  expect(judge('production', false, false)).toMatchObject({ refusals: said, warnings: [] })
  // What could not be read may hold something.
  expect(judge('production', false)).toMatchObject({ refusals: said, warnings: [] })
  expect(judge('development', false, false)).toMatchObject({ refusals: [], warnings: said })
  expect(judge('production', false, true)).toEqual({ refusals: [], warnings: [] })
  expect(judge('production', true, false)).toEqual({ refusals: [], warnings: [] })
})
