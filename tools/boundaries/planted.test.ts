import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint')
const documents = 'apps/server/src/features/documents'
const stories = 'apps/web/src/features/stories'

/** File to code that our own configuration must refuse, and a part of the sentence. */
const planted: Record<string, readonly [code: string, sentence: string]> = {
  [`${documents}/a.ts`]: [`import { sql } from 'kysely'\nexport const a = sql`, 'kysely lives in'],
  [`${documents}/b.ts`]: [`export const b = () => import('kysely')`, 'kysely lives in'],
  [`${documents}/c.ts`]: ['export const c = () => import(`kysely`)', 'kysely lives in'],
  [`${documents}/d.ts`]: [
    'export const d = (name: string) => import(name)',
    'computed import cannot be judged',
  ],
  [`${documents}/e.ts`]: [
    `export { store } from '../projects/projects.store.ts'`,
    'documents reaches inside projects',
  ],
  [`${documents}/f.ts`]: [`export type F = import('pg').Pool`, 'pg lives in'],
  [`${documents}/g.ts`]: [`export * from '../projects/index.ts'`, 'may import only types'],
  [`${documents}/h.ts`]: [
    `import { x } from '@studioops/web/x'\nexport const h = x`,
    'may not import apps/web/src',
  ],
  'packages/contracts/src/a.ts': [
    `import { x } from '@studioops/migrate'\nexport const a = x`,
    'nothing of ours',
  ],
  'packages/contracts/src/b.ts': [
    `import { join } from 'node:path'\nexport const b = join`,
    'no library but zod',
  ],
  [`${documents}/i.ts`]: [`export const i = (text: string) => eval(text)`, 'eval'],
  [`${documents}/j.ts`]: [`export const j = (text: string) => new Function(text)`, 'Function'],
  [`${documents}/k.ts`]: [
    `import { exec } from 'node:child_process'\nexport const k = () => exec('ls')`,
    'execFile or spawn',
  ],
  [`${documents}/l.ts`]: [
    `import { spawn } from 'node:child_process'\nexport const l = () => spawn('ls', { shell: true })`,
    'A shell reads its text',
  ],
  [`${documents}/m.ts`]: [
    `export const m = (text: string) => new RegExp(text)`,
    'pattern from a value',
  ],
  [`${documents}/n.ts`]: [
    'type Db = { query(text: string): void }\nexport const n = (db: Db, id: string) => db.query(`select ${id}`)',
    'SQL put together from text',
  ],
  [`${documents}/documents.store.ts`]: [
    `import { sql } from 'kysely'\nexport const o = (text: string) => sql.raw(text)`,
    'unescaped',
  ],
  [`${documents}/p.ts`]: [`export const p = process.env`, 'process.env'],
  [`${documents}/q.test.ts`]: [`import { vi } from 'vitest'\nvi.mock('./p.ts')`, 'never mocked'],
  'apps/server/src/platform/crypto/a.ts': ['export const a = Math.random()', 'Guessable'],
  [`${stories}/a.tsx`]: [`export const A = () => <p className="ml-4" />`, 'ml-4'],
  [`${stories}/b.tsx`]: [`const panelClass = 'hover:-mr-2'\nexport { panelClass }`, 'mr-2'],
  [`${stories}/c.tsx`]: [
    `export const C = () => <p className="md:translate-x-4" />`,
    'mirror it by hand',
  ],
  [`${stories}/d.tsx`]: [
    `export const D = () => <p className="nonsense-class" />`,
    'nonsense-class',
  ],
  [`${stories}/e.tsx`]: [
    `export const E = ({ html }: { html: string }) => <p dangerouslySetInnerHTML={{ __html: html }} />`,
    'dangerouslySetInnerHTML',
  ],
}

/** Code that the same configuration must let pass. */
const innocent: Record<string, string> = {
  [`${documents}/z.ts`]: [
    `import type { Project } from '../projects/index.ts'`,
    `import { spawn } from 'node:child_process'`,
    `export type Z = Project`,
    'type Db = { query(text: string, values: unknown[]): void }',
    `export const a = (db: Db, id: string) => db.query('select $1', [id])`,
    `export const b = () => spawn('ls', ['-l'], { shell: false })`,
    `export const c = new RegExp('^a$')`,
    '',
  ].join('\n'),
  [`${stories}/z.tsx`]: `export const Z = () => <p className="ms-4 pe-2 mt-1 text-start" />\n`,
}

let folder: string
let findings: { readonly filename: string; readonly message: string; readonly help?: string }[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studioops-planted-'))
  await plant()
  findings = await lint()
}, 60_000)

afterAll(() => rm(folder, { recursive: true }))

describe('the linter, with our configuration', () => {
  it.each(Object.entries(planted))('refuses %s', (file, [, sentence]) => {
    const found = findings.filter((finding) => finding.filename.replaceAll('\\', '/') === file)
    expect(found.map(({ message, help = '' }) => `${message} ${help}`).join('\n')).toMatch(sentence)
  })

  it.each(Object.keys(innocent))('lets %s pass', (file) => {
    expect(findings.filter((finding) => finding.filename.replaceAll('\\', '/') === file)).toEqual(
      [],
    )
  })
})

async function plant(): Promise<void> {
  const files = {
    ...Object.fromEntries(Object.entries(planted).map(([file, [code]]) => [file, `${code}\n`])),
    ...innocent,
    'apps/web/src/styles.css': '@import "tailwindcss";\n',
    'apps/web/package.json': '{ "name": "@studioops/web" }',
    'packages/contracts/package.json': '{ "name": "@studioops/contracts" }',
    'packages/migrate/package.json': '{ "name": "@studioops/migrate" }',
    '.oxlintrc.json': await configuration(),
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction')
}

/** Ours, told where the plugins lie; types are judged in the repository, not here. */
async function configuration(): Promise<string> {
  const ours = JSON.parse(await readFile(join(repository, '.oxlintrc.json'), 'utf8')) as object
  const jsPlugins = [
    join(repository, 'tools/boundaries/oxlint-plugin.ts'),
    join(repository, 'node_modules/oxlint-tailwindcss/dist/index.mjs'),
  ]
  return JSON.stringify({ ...ours, jsPlugins, options: { typeAware: false } })
}

function lint(): Promise<typeof findings> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [oxlint, '--format=json'], { cwd: folder }, (_, stdout, stderr) => {
      try {
        resolve((JSON.parse(stdout) as { diagnostics: typeof findings }).diagnostics)
      } catch {
        reject(new Error(`oxlint did not answer in JSON: ${stdout.slice(0, 500)} ${stderr}`))
      }
    })
  })
}
