import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countAsvs, readAsvs } from './asvs.ts'
import { checkDocuments, type Outcome, writeDocuments } from './documents.ts'

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { check: { type: 'boolean' } } })

const bad = new Set<Outcome['kind']>(['missing', 'different', 'failed'])
const outcomes = await (values.check ? checkDocuments : writeDocuments)(root)
for (const outcome of outcomes) console.log(describe(outcome))
const asvs = readFileSync(join(root, 'docs/asvs-l2.md'), 'utf8')
console.log(`ASVS 5.0, level 2: ${countAsvs(readAsvs(asvs))}`)
if (outcomes.some(({ kind }) => bad.has(kind))) process.exitCode = 1

function describe(outcome: Outcome): string {
  const { path, kind } = outcome
  switch (kind) {
    case 'same':
      return `${path}: as the code says`
    case 'written':
      return `${path}: written`
    case 'missing':
      return `${path}: is missing; run npm run docs`
    case 'absent':
      return `${path}: does not exist yet, left out`
    case 'different':
      return `${path}: differs from the code from line ${outcome.line} on; run npm run docs`
    case 'failed':
      return `${path}: cannot be made: ${outcome.reason}`
  }
}
