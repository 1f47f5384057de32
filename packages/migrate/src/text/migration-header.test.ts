import { expect, it } from 'vitest'
import { parseHeader } from './migration-header.ts'

const place = { migration: '0002_b', file: '0002_b.sql' }

it('reads every key of the header', () => {
  const text = `-- why: a sentence: with a colon
-- after: 0001_a, 0000_root.sql
-- type: data_migration
-- tx: none
-- needs: app.users, "Users"."Id", "odd, name"
-- defines: f
-- opaque: yes
-- destructive: yes
-- commutes: no
-- online: yes
-- phase: contract
-- resume: idempotent
-- replaces: 0000_first, 0000_second.sql

-- an ordinary comment: with a colon after a phrase
select 1`
  expect(parseHeader(text, place, { why: 'required' })).toEqual({
    header: {
      why: 'a sentence: with a colon',
      after: ['0001_a', '0000_root'],
      type: 'data_migration',
      tx: 'none',
      needs: ['app.users', '"Users"."Id"', '"odd, name"'],
      defines: ['f'],
      opaque: true,
      destructive: true,
      commutes: false,
      online: true,
      phase: 'contract',
      resume: 'idempotent',
      replaces: ['0000_first', '0000_second'],
    },
    objections: [],
  })
})

it('tells no predecessor from an unsaid one', () => {
  expect(parseHeader('-- after: none', place).header.after).toEqual([])
  expect(parseHeader('select 1', place).header.after).toBeUndefined()
})

it.each([
  ['an unknown key', '-- why: x\n-- owner: me', 2],
  ['a misspelt key', '-- afer: 0001_a', 1],
  ['a key twice', '-- why: x\n-- why: y', 2],
  ['a value that is not one', '-- tx: off', 1],
  ['an empty list', '-- after:', 1],
  ['a name that is no identifier', '-- needs: a b', 1],
  ['a key below the header', '-- why: x\n\n-- after: 0001_a\nselect 1', 3],
])('objects to %s with its line', (_, text, line) => {
  expect(parseHeader(text, place).objections).toMatchObject([
    { code: 'unparsable', file: '0002_b.sql', line },
  ])
})

it('lets other tools have their comments, but not a misspelt key of ours', () => {
  const rules = { headers: 'lenient' } as const
  expect(parseHeader('-- description: users\n-- migrate: up', place, rules).objections).toEqual([])
  expect(parseHeader('-- afetr: 0001_a', place, rules).objections).toMatchObject([
    { remedy: expect.stringContaining('`after`') as string },
  ])
  expect(parseHeader('-- after: 0001_a', place, { headers: 'none' }).header.after).toBeUndefined()
})
