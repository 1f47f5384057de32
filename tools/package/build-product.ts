import { globSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { buildPackage } from '../migrate/build-package.ts'

const repository = join(import.meta.dirname, '../..')

type Manifest = {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** Every line keeps its number, so that a stack trace names the line of the source. */
const builtFrom = [
  { from: 'apps/server/src', to: 'apps/server/src' },
  { from: 'packages/contracts/src', to: 'node_modules/@studioops/contracts/src' },
]

const copied = ['apps/server/migrations', 'apps/server/company-model', 'apps/web/dist']
const launcher = [
  'children.mjs',
  'exclusive.mjs',
  'launch-error.mjs',
  'npm-failure.mjs',
  'progress.mjs',
  'project.mjs',
  'runtime.mjs',
  'tether.mjs',
  'version-range.mjs',
]
const ownPackages = ['@studioops/contracts', '@studioops/migrate']

/**
 * Builds `studioops` as it is published: the product with its page, as JavaScript, because Node
 * strips types nowhere below node_modules. The rooms stand as in the repository. Our own packages
 * come with it, everything else from the registry in exactly the version that was tested.
 *
 * @param target an empty or missing directory; `npm pack` and `npm publish` are run in it
 * @throws where the page was not built, or a name of a TypeScript file is left
 */
export async function buildProduct(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  for (const { from, to } of builtFrom) await stripAll(join(repository, from), join(target, to))
  for (const path of copied)
    await cp(join(repository, path), join(target, path), { recursive: true })
  for (const name of launcher) await copyInto(target, join('tools/launch', name))
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md']) await copyInto(target, name)
  await copyInto(target, 'docs/images/story-en.png')
  await buildPackage(join(target, 'node_modules/@studioops/migrate'))
  await mkdir(join(target, 'bin'))
  const bin = join(target, 'bin/studioops.mjs')
  await copyFile(join(import.meta.dirname, 'bin/studioops.mjs'), bin)
  await chmod(bin, 0o755)
  await writeManifests(target)
}

async function copyInto(target: string, path: string): Promise<void> {
  await mkdir(dirname(join(target, path)), { recursive: true })
  await copyFile(join(repository, path), join(target, path))
}

async function stripAll(from: string, to: string): Promise<void> {
  const files = globSync('**/*.ts', {
    cwd: from,
    exclude: (path) => /(?:^|[\\/])testing$|\.(?:test|contract|bench)\.ts$/.test(path),
  })
  for (const file of files) {
    const text = await readFile(join(from, file), 'utf8')
    const built = renameImports(stripTypeScriptTypes(text, { mode: 'strip' }))
    const path = join(to, file.replace(/\.ts$/, '.js'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, built)
  }
}

/** Relative paths in imports, and those of files that are started as programs. */
const namesOfFiles = /(['"])((?:\.{1,2}\/)?[\w./-]+)\.ts\1/g

export function renameImports(text: string): string {
  return text.replaceAll(namesOfFiles, (whole, quote: string, path: string) =>
    path.startsWith('src/') ? whole : `${quote}${path}.js${quote}`,
  )
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(repository, path, 'package.json'), 'utf8')) as Manifest
}

async function writeManifests(target: string): Promise<void> {
  const root = await readManifest('.')
  const server = await readManifest('apps/server')
  const contracts = await readManifest('packages/contracts')
  const migrate = await readManifest('packages/migrate')
  const write = (path: string, manifest: object) =>
    writeFile(join(target, path, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  const { name, version, description, license, type, engines } = root
  await write('.', {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: { studioops: 'bin/studioops.mjs' },
    files: ['apps', 'bin', 'docs', 'tools', 'CHANGELOG.md'],
    dependencies: {
      ...contracts.dependencies,
      ...migrate.dependencies,
      ...server.dependencies,
    },
    optionalDependencies: server.optionalDependencies,
    bundleDependencies: ownPackages,
  })
  const { nodeFlags } = server
  await write('apps/server', {
    name: server.name,
    version: server.version,
    type: 'module',
    nodeFlags,
  })
  await write('node_modules/@studioops/contracts', {
    ...contracts,
    exports: { './*': './src/*.js', './internal/*': null },
  })
}

if (import.meta.main) {
  const target = process.argv[2] ?? join(repository, 'dist')
  await buildProduct(target)
  console.log(`Built ${target}; look at it with: npm pack --dry-run ${target}`)
}
