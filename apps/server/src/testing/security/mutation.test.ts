import { expect, inject, it } from 'vitest'
import { mutationCampaign } from './mutation.ts'
import { rewrite } from './owner-filters.ts'

it('keeps the rows of a person from others although the filters are left out of the queries [ID-13] [ASVS-8.4.1]', async () => {
  const report = await mutationCampaign({
    postgres: inject('postgres'),
    requests: 200,
    seed: 8,
    every: 30,
    control: false,
  })
  expect(report.baseline).toEqual([])
  expect(report.filters).toBeGreaterThan(20)
  expect(report.mutants.filter(({ findings }) => findings.length > 0)).toEqual([])
  expect(report.all).toEqual([])
  expect(report.noticedWithoutPolicies).toBe(true)
}, 120_000)

it('finds each owner filter in the source of a store', () => {
  const source = `
    db.selectFrom('stories').where('id', '=', id)
      .where('stories.user_id', '=', transactionUser).execute()
    db.updateTable('users').set({ a: now() }).where('id', '=', f(id)).execute()
    sql\`delete from notes where user_id = \${userId} and key = \${key}\``
  const rewritten = rewrite(source, 'a.store.ts')
  expect(rewritten.match(/isOwnerFilterRemoved\(\d+\)/g)).toHaveLength(3)
  expect(rewritten).toContain(`.where('id', '=', id)\n`)
  expect(rewritten).toMatch(/\(query\) => query\.where\('id', '=', f\(id\)\)\)/)
})
