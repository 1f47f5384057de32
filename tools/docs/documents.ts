import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { proofsName, readProofs } from '../../packages/migrate/src/engine/proofs.ts'
import { readFiles } from '../../packages/migrate/src/engine/read-files.ts'
import { createManifest, manifestName } from '../../packages/migrate/src/text/manifest.ts'
import * as architecture from '../boundaries/boundaries.ts'
import { envFileKinds, renderEnvFile } from '../../apps/server/src/config/env-file.ts'
import { renderAsvs } from './asvs.ts'
import { renderConfiguration } from './configuration.ts'
import { renderCryptoInventory } from './crypto-inventory.ts'
import { renderDecisions } from './decisions.ts'
import { renderErrors } from './errors.ts'
import { insertImportTable, renderImportTable } from './import-table.ts'
import { renderMarkup } from './markup.ts'
import { renderAlertRules, renderGrafana } from './monitoring.ts'
import { endpointsIn, renderOpenApi } from './openapi.ts'

const migrations = 'apps/server/migrations'
const companyModel = 'apps/server/company-model'
const companyFiles = ['config', 'header', 'payload', 'prompts'] as const
const asJson = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`

/** A file that says what the code says. */
export type GeneratedDocument = {
  /** Below the root, with `/`. */
  readonly path: string
  /** What the file must say. Undefined: it is only completed where it exists, and it does not. */
  render(root: string): Promise<string | undefined>
}

type Result =
  | { readonly kind: 'same' | 'written' | 'missing' | 'absent' }
  | { readonly kind: 'different'; readonly line: number }
  | { readonly kind: 'failed'; readonly reason: string }

export type Outcome = { readonly path: string } & Result

export const documents: readonly GeneratedDocument[] = [
  {
    path: 'docs/configuration.md',
    render: async () => renderConfiguration(await variables()),
  },
  ...envFileKinds.map((kind) => ({
    path: `.env.${kind}`,
    render: async () => renderEnvFile(kind, await variables()),
  })),
  ...companyFiles.map((name) => ({
    path: `${companyModel}/schemas/${name}.schema.json`,
    async render() {
      const { companySchemas } =
        await import('../../apps/server/src/integrations/llm/company/company-files.ts')
      return asJson(companySchemas()[`${name}.json`])
    },
  })),
  {
    path: 'docs/errors.md',
    async render() {
      const { errorCatalog } = await import('../../packages/contracts/src/errors.ts')
      return renderErrors(errorCatalog)
    },
  },
  {
    path: 'docs/monitoring/prometheus-alerts.yml',
    async render() {
      const { alertRules } =
        await import('../../apps/server/src/features/monitoring/monitoring.alert-rules.ts')
      return renderAlertRules(alertRules)
    },
  },
  { path: 'docs/monitoring/grafana-dashboard.json', render: async () => asJson(renderGrafana()) },
  {
    path: 'docs/markup.md',
    async render() {
      const { capabilities } =
        await import('../../apps/server/src/integrations/markup/capabilities.ts')
      return renderMarkup(capabilities)
    },
  },
  {
    path: 'docs/crypto-inventory.md',
    async render() {
      const { cryptoInventory } =
        await import('../../apps/server/src/platform/crypto/crypto-inventory.ts')
      return renderCryptoInventory(cryptoInventory)
    },
  },
  {
    path: 'docs/openapi.json',
    async render(root) {
      const { buildOpenApi } = await import('../../apps/server/src/platform/http/openapi.ts')
      const { version } = JSON.parse(await readText(join(root, 'package.json'))) as {
        version: string
      }
      return renderOpenApi(buildOpenApi(endpointsIn(await contracts(root)), version))
    },
  },
  {
    path: `${migrations}/${manifestName}`,
    async render(root) {
      const files = await readFiles({ directory: join(root, migrations) })
      return asJson(createManifest(files.sources, files.parser))
    },
  },
  {
    path: `${migrations}/${proofsName}`,
    async render(root) {
      const directory = join(root, migrations)
      // Proving takes seconds, and gives the same as long as the files are the same.
      const known = await readProofs(directory)
      if (known !== undefined) return asJson(known)
      const { makeProofs } = await import('../../packages/migrate/src/engine/make-proofs.ts')
      const made = await makeProofs({ directory })
      if (made.kind === 'proven') return asJson(made.proofs)
      throw new Error(made.objections.map(({ because }) => because).join(' '))
    },
  },
  {
    path: 'docs/decisions/README.md',
    async render(root) {
      const files = globSync('docs/decisions/*.md', { cwd: root, exclude: ['**/README.md'] })
      return renderDecisions(
        await Promise.all(
          files.map(async (file) => ({
            name: basename(file),
            text: await readText(join(root, file)),
          })),
        ),
      )
    },
  },
  {
    path: 'docs/asvs-l2.md',
    async render(root) {
      const file = join(root, 'docs/asvs-l2.md')
      return renderAsvs(await readText(file), file)
    },
  },
  {
    path: 'ARCHITECTURE.md',
    async render(root) {
      const file = join(root, 'ARCHITECTURE.md')
      if (!existsSync(file)) return undefined
      return insertImportTable(await readText(file), renderImportTable(architecture))
    },
  },
]

/** Compares each file with what the code says. Never throws; line numbers begin at 1. */
export function checkDocuments(root: string, list = documents): Promise<Outcome[]> {
  return Promise.all(list.map((document) => settle(document, root, compare)))
}

/** Brings each file to what the code says. Never throws. */
export function writeDocuments(root: string, list = documents): Promise<Outcome[]> {
  return Promise.all(list.map((document) => settle(document, root, write)))
}

type Step = (file: string, text: string) => Promise<Result>

async function settle(document: GeneratedDocument, root: string, step: Step): Promise<Outcome> {
  const { path } = document
  try {
    const text = await document.render(root)
    if (text === undefined) return { path, kind: 'absent' }
    return { path, ...(await step(join(root, path), text)) }
  } catch (error) {
    return { path, kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function compare(file: string, text: string): Promise<Result> {
  if (!existsSync(file)) return { kind: 'missing' }
  const written = await readText(file)
  if (written === text) return { kind: 'same' }
  const lines = written.split('\n')
  const index = text.split('\n').findIndex((line, at) => line !== lines[at])
  return { kind: 'different', line: (index === -1 ? lines.length : index) + 1 }
}

async function write(file: string, text: string): Promise<Result> {
  if (existsSync(file) && (await readText(file)) === text) return { kind: 'same' }
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return { kind: 'written' }
}

/** Git may check files out with the line ends of Windows. */
async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replaceAll('\r\n', '\n')
}

async function variables() {
  const { describeConfig } = await import('../../apps/server/src/config/config.ts')
  return describeConfig()
}

/** What each file of the contracts exports. */
export function contracts(root: string): Promise<object[]> {
  // The option `exclude` of globSync does not look at files when it is a function.
  const files = globSync('packages/contracts/src/*.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  return Promise.all(
    files.map((file) => import(pathToFileURL(join(root, file)).href) as Promise<object>),
  )
}
