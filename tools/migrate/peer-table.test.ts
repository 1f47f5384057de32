import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { claims } from './peer-claims.ts'

it('has a line in the README for every claim as it is tried now, and no other', async () => {
  const readme = join(import.meta.dirname, '../../packages/migrate/README.md')
  const text = await readFile(readme, 'utf8')
  const table = text.slice(
    text.indexOf('<!-- peers: begin -->'),
    text.indexOf('<!-- peers: end -->'),
  )
  const lines = table.split('\n').filter((line) => line.includes(' <br>'))
  const told = lines.map((line) => line.replace(/^\| (.*?) <br><sub>(.*?)<\/sub> \|.*$/, '$1: $2'))
  expect(told).toEqual(claims.map(({ title, how }) => `${title}: ${how}`))
})
