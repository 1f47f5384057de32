import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildMatrix } from './matrix.ts'
import { printMarkdown, printText } from './print.ts'
import { readRequirements } from './requirements.ts'
import { findProofs } from './test-titles.ts'

/** Areas in which an id without a test is a failure. An area is added when its last id is proven. */
const done: readonly string[] = []

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, markdown: { type: 'boolean' } },
})

const files = globSync('{apps,packages,tests,tools}/**/*.{test,contract}.{ts,tsx}', {
  cwd: root,
  exclude: (path) => /(^|[\\/])(node_modules|dist)$/.test(path),
}).map((file) => file.replaceAll('\\', '/'))

const matrix = buildMatrix({
  requirements: readRequirements(readFileSync(join(root, 'docs/requirements.md'), 'utf8')),
  proofs: files
    .toSorted()
    .flatMap((file) => findProofs(file, readFileSync(join(root, file), 'utf8'))),
  done,
})

if (values.json) console.log(JSON.stringify(matrix, undefined, 2))
else console.log(values.markdown ? printMarkdown(matrix) : printText(matrix))

if (matrix.problems.length > 0) process.exitCode = 1
