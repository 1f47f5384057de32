import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readRequirements } from './requirements.ts'

it('reads ids, areas, headings and texts, with or without a third column', () => {
  const markdown = [
    '## Identity',
    '| id | requirement | how |',
    '|---|---|---|',
    '| ID-1 | Takes a URL \\| a path | `GET` |',
    '## Decisions',
    '| D-1 | PostgreSQL |',
  ].join('\n')
  expect(readRequirements(markdown)).toEqual([
    { id: 'ID-1', area: 'ID', areaTitle: 'Identity', text: 'Takes a URL \\| a path' },
    { id: 'D-1', area: 'D', areaTitle: 'Decisions', text: 'PostgreSQL' },
  ])
})

it('refuses an id that stands twice, and a text without ids', () => {
  expect(() => readRequirements('| ID-1 | a |\n| ID-1 | b |')).toThrow('ID-1 stands twice')
  expect(() => readRequirements('# Nothing')).toThrow('no table row')
})

it('reads our own requirements', async () => {
  const file = join(import.meta.dirname, '../../docs/requirements.md')
  const requirements = readRequirements(await readFile(file, 'utf8'))
  expect(requirements.length).toBeGreaterThan(200)
  expect(requirements.find(({ id }) => id === 'ID-4')?.text).toMatch('bcrypt')
})
