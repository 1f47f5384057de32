import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { loadParser, type Parser } from './parser.ts'
import { splitStatements } from './statements.ts'

let parser: Parser
beforeAll(async () => {
  parser = await loadParser()
})
const split = (text: string) => splitStatements({ id: '0001_a', file: '0001_a.sql', text }, parser)

it('cuts statements exactly, past dollar quotes, comments and names of several bytes [MIG-1]', () => {
  const text = `-- why: x

/* a /* nested */ comment; */ create table "פרויקטים" (שם text); create function f() returns int
language sql begin atomic select 1; select 2; end;
do $$ begin perform ';'; end $$;; -- last; comment
insert into "פרויקטים" values ('a;b')`

  expect(split(text)).toMatchObject({
    kind: 'parsed',
    statements: [
      { no: 1, line: 3, column: 31, text: 'create table "פרויקטים" (שם text)' },
      { no: 2, line: 3, column: 66 },
      { no: 3, line: 5, column: 1, text: `do $$ begin perform ';'; end $$` },
      { no: 4, line: 6, column: 1, text: `insert into "פרויקטים" values ('a;b')` },
    ],
  })
})

it.each(['', '-- only a comment', ' \n\n', ';', '/* c */;'])(
  'finds nothing to do in %j',
  (text) => {
    expect(split(text)).toMatchObject({ kind: 'parsed', statements: [] })
  },
)

it.each([
  ['a command of psql', `select 1;\n\\set x 'y'\n`, 'unsupported-statement', 2],
  ['an included file', '\\i other.sql', 'unsupported-statement', 1],
  [
    'data of COPY',
    'create table t (a int);\n\ncopy t from stdin;\n1\n2\n\\.\n',
    'unsupported-statement',
    3,
  ],
  [
    'COPY without data',
    'select 1;\ncopy t (a) from stdin with (format csv)',
    'unsupported-statement',
    2,
  ],
  ['a syntax error', 'create table "ש" (a int);\n selec 2', 'unparsable', 2],
  ['a quote that is never closed', `select 1;\nselect 'abc`, 'unparsable', 2],
])('refuses %s and says where', (...row) => {
  const [, text, code, line] = row
  expect(split(text)).toMatchObject({ kind: 'refused', objections: [{ code, line }] })
})

it('gives back the bytes that stand between its offsets', () => {
  const piece = fc.constantFrom(
    'select 1',
    `select 'שלום; 😀'`,
    'create table "טבלה" (a int)',
    'do $x$ begin null; end $x$',
  )
  const gap = fc.constantFrom('', ' ', '\n', '-- הערה;\n', '/* ; */', ';', ';;\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(gap, piece)), (pairs) => {
      const text = pairs.map(([before, statement]) => `${before}${statement};`).join('')
      const result = split(text)
      const statements = result.kind === 'parsed' ? result.statements : []
      expect(statements.map((one) => one.text)).toEqual(pairs.map(([, statement]) => statement))
      for (const { startByte, endByte, text: own } of statements)
        expect(Buffer.from(text).toString('utf8', startByte, endByte)).toBe(own)
    }),
  )
})
