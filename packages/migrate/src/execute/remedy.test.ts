import { readFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeFailure } from './failure.ts'
import { remedyInHebrew } from './remedy-hebrew.ts'

it('has a Hebrew sentence for every remedy of a failure', async () => {
  const files = globSync('{remedy,run-*}.ts', { cwd: import.meta.dirname })
  const texts = await Promise.all(
    files.map((file) => readFile(join(import.meta.dirname, file), 'utf8')),
  )
  const told = texts.flatMap((text) => [
    ...text.matchAll(/(?:^ {2}(?:'\w+'|P0|XX):|remedy(?: =|:)|return|\?\?)\s+'([A-Z][^']*\.)'/gm),
  ])
  const remedies = [...new Set(told.map(([, remedy = '']) => remedy))]
  expect(remedies.length).toBeGreaterThan(30)
  expect(remedies.filter((remedy) => !/[א-ת]/.test(remedyInHebrew(remedy)))).toEqual([])
})

it('names in Hebrew as well who holds the lock', () => {
  const blocker = { pid: 7, application: 'psql', user: 'noa', state: 'active', transactionS: 12 }
  const error = { code: '55P03', message: 'canceling statement due to lock timeout' }
  const { remedy } = describeFailure({ error, statement: undefined, blockers: [blocker] })
  expect(remedyInHebrew(remedy)).toContain('לחיבור 7 (psql, noa; active כבר 12 שניות)')
})
