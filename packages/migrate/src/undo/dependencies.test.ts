import { expect, it } from 'vitest'
import { analyseHistory } from '../analyse/analyse.ts'
import { sourcesOf } from '../text/directory.ts'
import { loadParser } from '../text/parser.ts'
import { dependenciesOf } from './dependencies.ts'

it('finds that a migration needs an earlier one in what it does, not in its number [MIG-6]', async () => {
  const texts = {
    '0001_a': 'create table a (id int primary key);',
    '0002_b': 'create table b (id int);',
    '0003_c': 'create index a_id on a (id);',
    '0004_d': '-- why: said\n-- after: 0002_b\ncreate table d (id int);',
  }
  const { sources } = sourcesOf(
    Object.entries(texts).map(([name, text]) => ({
      name: `${name}.sql`,
      bytes: Buffer.from(text),
    })),
  )
  const dependsOn = dependenciesOf(analyseHistory(sources, { parser: await loadParser() }))
  expect(dependsOn('0002_b', '0001_a')).toBeUndefined()
  expect(dependsOn('0003_c', '0001_a')).toMatch(/both touch/)
  expect(dependsOn('0003_c', '0002_b')).toBeUndefined()
  expect(dependsOn('0004_d', '0002_b')).toMatch(/header/)
})
