import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { parseHeader } from '../text/migration-header.ts'
import { english } from './english.ts'
import { exitCodes } from './exit-codes.ts'

let readme = ''

beforeAll(async () => {
  readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
})

/** Cells of the first column of the table that comes after a heading. */
function firstCells(after: string): string[] {
  const table = /\n\|[\s\S]*?\n(?!\|)/.exec(readme.slice(readme.indexOf(after)))?.[0] ?? ''
  const rows = table.trim().split('\n').slice(2)
  return rows.map((row) => (row.split('|')[1] ?? '').trim().replaceAll('`', ''))
}

it('names every command in the README, and no other', () => {
  expect(firstCells('## Commands').toSorted()).toEqual(Object.keys(english.verbs).toSorted())
})

it('explains every exit code in the README', () => {
  const table = readme.slice(readme.indexOf('| exit code |'))
  const codes = [...table.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(codes).toEqual(Object.values(exitCodes))
})

it('explains every key of the header in the README, and no other', () => {
  const keys = firstCells('## Header lines')
  const place = { migration: 'a', file: 'a.sql' }
  const [unknown] = parseHeader('-- bogus: yes\n', place).objections
  const known = /why, [a-z, ]+/.exec(`${unknown?.because} ${unknown?.remedy}`)?.[0] ?? ''
  expect(keys.toSorted()).toEqual(
    known
      .split(', ')
      .map((key) => key.trim())
      .toSorted(),
  )
})
