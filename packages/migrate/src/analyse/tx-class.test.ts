import { beforeAll, expect, it } from 'vitest'
import { loadParser, type Parser } from '../text/parser.ts'
import { splitStatements } from '../text/statements.ts'
import { classifyStatements, isForeign, stripWrapper } from './tx-class.ts'

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})

function statements(text: string) {
  const split = splitStatements({ id: 'a', file: 'a.sql', text }, parser)
  if (split.kind === 'refused') throw new Error(JSON.stringify(split.objections))
  return stripWrapper(split.statements)
}
const classes = (text: string) =>
  classifyStatements(statements(text), () => false).map(({ txClass }) => txClass)

it.each([
  'create index concurrently i on t (a)',
  'drop index concurrently i',
  'reindex (concurrently) table t',
  'reindex table concurrently t',
  'reindex schema s',
  'reindex database',
  'alter table p detach partition q concurrently',
  'vacuum',
  'vacuum full t',
  'cluster',
  'alter system set work_mem = 1',
  'create database d',
  'drop database d',
  `create tablespace s location '/x'`,
  `create subscription s connection 'x' publication p`,
])('runs alone: %s', (text) => {
  expect(classes(text)).toEqual(['alone'])
})

it.each([
  'create index i on t (a)',
  'drop index i',
  'reindex table t',
  'reindex (concurrently false) table t',
  'alter table p detach partition q',
  'alter table p detach partition q finalize',
  'analyze t',
  'cluster t using i',
  'refresh materialized view concurrently v',
  `alter type e add value 'x'`,
  'lock table t',
  `create subscription s connection 'x' publication p with (create_slot = false)`,
])('runs in a transaction: %s', (text) => {
  expect(classes(text)).toEqual(['tx'])
})

it('takes a single wrapper away and numbers what is left', () => {
  const left = statements('begin; select 1; savepoint a; select 2; commit;')
  expect(left.map(({ no, text }) => [no, text])).toEqual([
    [1, 'select 1'],
    [2, 'savepoint a'],
    [3, 'select 2'],
  ])
})

it.each([
  ['two transactions', 'begin; select 1; commit; begin; select 2; commit'],
  ['a chain', 'begin; select 1; commit and chain; select 2; commit'],
  ['work after the end', 'begin; select 1; commit; select 2'],
  ['a rollback', 'begin; select 1; rollback'],
])('leaves %s to the file', (_, text) => {
  expect(new Set(classes(text))).toEqual(new Set(['own']))
})

it('splits a file at its own transactions', () => {
  const text = 'select 0; begin; select 1; commit; create index concurrently i on t (a); select 2'
  const classified = classifyStatements(statements(text), () => false)
  expect(classified.map(({ segment, control, txClass }) => [segment, control, txClass])).toEqual([
    [1, undefined, 'own'],
    [2, 'begin', 'own'],
    [2, undefined, 'own'],
    [2, 'commit', 'own'],
    [3, undefined, 'alone'],
    [3, undefined, 'own'],
  ])
})

it('asks whether a block or a procedure commits', () => {
  const classified = (answer: boolean | undefined) =>
    classifyStatements(statements('call p()'), () => answer).map(({ txClass }) => txClass)
  expect([classified(true), classified(false), classified(undefined)]).toEqual([
    ['own'],
    ['tx'],
    ['opaque'],
  ])
})

it.each([
  'alter system reset all',
  'create database d',
  `copy t to '/tmp/x'`,
  `copy t from program 'ls'`,
  `prepare transaction 'x'`,
])('has no place in a migration: %s', (text) => {
  expect(statements(text).map(({ node }) => isForeign(node))).toEqual([true])
})
