import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')
const source = join(repository, 'packages/migrate')

type Manifest = {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/**
 * Builds `@studioops/migrate` as it is published: JavaScript and declarations, because Node strips
 * types nowhere below node_modules. In the repository the package is its TypeScript, so what is
 * published has a manifest of its own.
 *
 * @param target an empty or missing directory; `npm pack` and `npm publish` are run in it
 * @throws where the compiler objects, or an import of TypeScript is left
 */
export async function buildPackage(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const lib = join(target, 'lib')
  await run(process.execPath, [tsc, '-p', join(source, 'tsconfig.publish.json'), '--outDir', lib], {
    cwd: repository,
    maxBuffer: 10_000_000,
  }).catch((error: { stdout?: string }) => {
    throw new Error(`the compiler objects:\n${error.stdout ?? ''}`, { cause: error })
  })
  await repairDeclarations(lib)
  await requireNoTypeScript(lib)
  await chmod(join(lib, 'cli/main.js'), 0o755)
  const manifest = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Manifest
  const text = JSON.stringify(publishedManifest(manifest), undefined, 2)
  await writeFile(join(target, 'package.json'), `${text}\n`)
  await copyFile(join(source, 'README.md'), join(target, 'README.md'))
  await copyFile(join(repository, 'LICENSE'), join(target, 'LICENSE'))
  await cp(join(source, 'examples'), join(target, 'examples'), { recursive: true })
}

/** What is to be imported under a name, as it is built. */
const builtExport = (file: string) => {
  const built = file.replace('./src/', './lib/').replace(/\.ts$/, '')
  return { types: `${built}.d.ts`, default: `${built}.js` }
}

function publishedManifest({ devDependencies, dependencies, exports, ...rest }: Manifest): object {
  const types = devDependencies['@types/pg']
  return {
    ...rest,
    main: './lib/index.js',
    types: './lib/index.d.ts',
    bin: { 'studioops-migrate': 'lib/cli/main.js' },
    exports: {
      ...Object.fromEntries(
        Object.entries(exports).map(([name, file]) => [name, builtExport(file)]),
      ),
      './package.json': './package.json',
    },
    files: ['lib', 'examples'],
    // Our declarations name the types of the driver.
    dependencies: { ...dependencies, ...(types === undefined ? {} : { '@types/pg': types }) },
  }
}

const relativeTypeScript = /((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g

/** The compiler rewrites imports in JavaScript only. */
async function repairDeclarations(lib: string): Promise<void> {
  for (const file of globSync('**/*.d.ts', { cwd: lib })) {
    const path = join(lib, file)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replaceAll(relativeTypeScript, '$1.js$2'))
  }
}

async function requireNoTypeScript(lib: string): Promise<void> {
  for (const file of globSync('**/*.{js,d.ts}', { cwd: lib })) {
    const text = await readFile(join(lib, file), 'utf8')
    const left = text.match(relativeTypeScript)
    if (left !== null) throw new Error(`${file} still imports TypeScript: ${left[0]}`)
  }
}

if (import.meta.main) {
  const target = process.argv[2] ?? join(source, 'dist')
  await buildPackage(target)
  console.log(`Built ${target}; look at it with: npm pack --dry-run ${target}`)
}
