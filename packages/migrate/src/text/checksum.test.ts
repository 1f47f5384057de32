import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { checksumOf, tokensOf } from './checksum.ts'
import { sourcesOf } from './directory.ts'
import { loadParser, type Parser } from './parser.ts'

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})

function checksum(text: string): string {
  const [source] = sourcesOf([{ name: '0001_a.sql', bytes: Buffer.from(text) }]).sources
  return source === undefined ? '' : checksumOf(source, parser)
}

const base = `-- why: first
-- after: 0000_root
create table "T" (a varchar(5) default 'x  y', b int default 5); -- note
do $$ begin
  null; end $$;
`

it.each([
  ['CRLF', base.replaceAll('\n', '\r\n')],
  ['CR', base.replaceAll('\n', '\r')],
  ['a BOM', `\uFEFF${base}`],
  ['another reason', base.replace('first', 'better')],
  ['another comment', base.replace('-- note', '/* remark */')],
  ['indentation', base.replace('create table', '  create\n\ttable')],
  ['no space at all', base.replace('default 5)', 'default 5 )')],
])('does not mind %s', (_, text) => {
  expect(checksum(text)).toBe(checksum(base))
})

it.each([
  ['a literal', base.replace('x  y', 'x y')],
  ['a number', base.replace('default 5', 'default 6')],
  ['a type modifier', base.replace('varchar(5)', 'varchar(6)')],
  ['a quoted name', base.replace('"T"', '"t"')],
  ['the text between dollars', base.replace('\n  null', '\n null')],
  ['what it waits for', base.replace('0000_root', '0000_base')],
  ['what it destroys', base.replace('-- after', '-- destructive: yes\n-- after')],
])('minds %s', (_, text) => {
  expect(checksum(text)).not.toBe(checksum(base))
})

it('reads literals with control characters to the byte', () => {
  expect(tokensOf("select 'a\u0001b\tc' -- \u0002", parser)).toEqual(['select', "'a\u0001b\tc'"])
  expect(checksum("select '\u0001'")).not.toBe(checksum("select '\u0002'"))
})

it('keeps every literal apart from every other', () => {
  const literal = fc.string({ unit: 'binary' }).filter((text) => !/[\0\r]/.test(text))
  const quote = (text: string) => `select '${text.replaceAll("'", "''")}'`
  fc.assert(
    fc.property(literal, literal, (one, other) => {
      expect(checksum(quote(one)) === checksum(quote(other))).toBe(one === other)
    }),
  )
})
