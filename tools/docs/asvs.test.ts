import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { countAsvs, deadProofs, readAsvs } from './asvs.ts'

const file = join(import.meta.dirname, '../../docs/asvs-l2.md')
const here = '[a](../tools/docs/asvs.test.ts)'

it('proves every row that it calls met, by a place that is there [SEC-12]', async () => {
  const rows = readAsvs(await readFile(file, 'utf8'))
  expect(deadProofs(rows, file)).toEqual([])
  expect(rows).toHaveLength(253)
})

it('notices a proof that is gone, one that says something else, and none at all', () => {
  const rows = readAsvs(
    [
      `| 1.1.1 | 2 | a | met | T ${here} › "notices a proof that is gone" |`,
      `| 1.1.2 | 2 | b | met | ${here} › "words that only ${'stand'} here" |`,
      '| 1.1.3 | 1 | c | met | [a](../nowhere.ts) › "x" |',
      '| 1.1.4 | 1 | d | met | T |',
      '| 1.1.5 | 1 | e | open | T |',
    ].join('\n'),
  )
  expect(deadProofs(rows, file).map((line) => line.slice(0, 5))).toEqual([
    '1.1.2',
    '1.1.3',
    '1.1.4',
  ])
  expect(countAsvs(rows)).toContain('4 met, 0 partly, 0 by the operator, 1 open')
})

it('refuses a state that is none, and an id that stands twice', () => {
  expect(() => readAsvs('| 1.1.1 | 2 | a | done | |')).toThrow('done is none of')
  expect(() => readAsvs('| 1.1.1 | 2 | a | open | |\n| 1.1.1 | 2 | a | open | |')).toThrow('twice')
})
