import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectTo } from '../../packages/migrate/src/testing/server-database.ts'
import { startServer } from '../../packages/migrate/src/testing/server.ts'
import { buildPackage } from './build-package.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

/** Where the package gets what it depends on: as everybody does, or from here without a network. */
export type Installation = 'registry' | 'linked'

/** One step on the way of a newcomer, and what came out of it. */
export type Step = { readonly said: string; readonly exitCode: number; readonly output: string }

/**
 * Builds the package, packs and installs it in an empty project, and does there what its README
 * says: from a first migration to its way back on a real server.
 *
 * @param onStep hears each step
 */
export async function tryPackage(
  installation: Installation,
  onStep: (step: Step) => void = () => undefined,
): Promise<readonly Step[]> {
  const directory = await mkdtemp(join(tmpdir(), 'studioops-try-package-'))
  const server = await startServer()
  try {
    const project = join(directory, 'project')
    await mkdir(join(project, 'migrations'), { recursive: true })
    await writeFile(join(project, 'package.json'), '{ "type": "module", "private": true }\n')
    await install(installation, directory, project)
    const database = await server.createDatabase('shop')
    const { host } = server.connection
    const url = `postgres://postgres@/${database}?host=${encodeURIComponent(host)}`
    const steps: Step[] = []
    const step = async (said: string, command: readonly string[]) => {
      const done = { said, ...(await finish(command, { project, url })) }
      steps.push(done)
      onStep(done)
    }
    const migrate = ['npx', '--no-install', 'studioops-migrate'] as const
    await step('version', [...migrate, '--version'])
    await step('new', [...migrate, 'new', 'customers', '--why=who buys here'])
    await writeFile(join(project, 'migrations/0001_customers.sql'), firstMigration)
    await step('plan', [...migrate, 'plan'])
    await step('up', [...migrate, 'up'])
    await step('up again', [...migrate, 'up'])
    await step('status', [...migrate, 'status', '--json'])
    await step('down', [...migrate, 'down'])
    await step('tables', [process.execPath, '--input-type=module', '-e', countTables])
    await writeFile(join(project, 'example.ts'), await readmeExample())
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(exampleProject))
    const tsc = join(repository, 'node_modules/typescript/bin/tsc')
    await step('example types', [process.execPath, tsc, '-p', '.'])
    await step('example', [process.execPath, 'example.ts'])
    const client = await connectTo({ ...server.connection, database })
    const { rows } = await client.query(`select to_regclass('customers') is not null as there`)
    await client.end()
    const there: unknown = rows[0]?.there
    steps.push({ said: 'example applied', exitCode: there === true ? 0 : 1, output: '' })
    return steps
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

const firstMigration = `-- why: who buys here
create table customers (
  id bigint generated always as identity primary key,
  email text not null unique
);
`

const countTables = `
import pg from 'pg'
const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
const { rows } = await client.query("select to_regclass('customers') as found")
console.log(JSON.stringify(rows))
await client.end()
`

const exampleProject = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
  },
  include: ['example.ts'],
}

/** The TypeScript of the README, which everybody copies. */
export async function readmeExample(): Promise<string> {
  const text = await readFile(join(repository, 'packages/migrate/README.md'), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(text)?.[1]
  if (example === undefined) throw new Error('the README of the package has no example any more')
  return example
}

async function install(
  installation: Installation,
  directory: string,
  project: string,
): Promise<void> {
  const built = join(directory, 'built')
  await buildPackage(built)
  if (installation === 'registry') {
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], {
      cwd: built,
    })
    const options = ['--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...options, join(directory, stdout.trim())], { cwd: project })
    return
  }
  const modules = join(project, 'node_modules')
  const target = join(modules, '@studioops/migrate')
  await cp(built, target, { recursive: true })
  const { dependencies } = JSON.parse(await readFile(join(built, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  for (const name of Object.keys(dependencies)) {
    await mkdir(join(modules, name, '..'), { recursive: true })
    await symlink(join(repository, 'node_modules', name), join(modules, name))
  }
  await mkdir(join(modules, '.bin'))
  await symlink(join(target, 'lib/cli/main.js'), join(modules, '.bin/studioops-migrate'))
}

type Around = { readonly project: string; readonly url: string }

async function finish(
  [file = '', ...args]: readonly string[],
  { project, url }: Around,
): Promise<Omit<Step, 'said'>> {
  const { DATABASE_URL: _, MIGRATION_DATABASE_URL: __, ...env } = process.env
  const options = {
    cwd: project,
    env: { ...env, DATABASE_URL: url, LANG: 'C', XDG_CACHE_HOME: join(project, 'cache') },
    maxBuffer: 10_000_000,
  }
  try {
    const { stdout, stderr } = await run(file, args, options)
    return { exitCode: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { exitCode: code, output: stdout + stderr }
  }
}

/** What each step must end with. */
export const expectedExitCodes: Readonly<Record<string, number>> = {
  version: 0,
  new: 0,
  plan: 2,
  up: 0,
  'up again': 0,
  status: 0,
  down: 0,
  tables: 0,
  'example types': 0,
  example: 0,
  'example applied': 0,
}

if (import.meta.main) {
  const steps = await tryPackage('registry', ({ said, exitCode, output }) => {
    console.log(`\n── ${said} (exit ${exitCode})\n${output.trimEnd()}`)
  })
  const wrong = steps.filter(({ said, exitCode }) => exitCode !== expectedExitCodes[said])
  console.log(
    wrong.length === 0
      ? '\nAll of it works.'
      : `\nWrong: ${wrong.map(({ said }) => said).join(', ')}`,
  )
  process.exitCode = wrong.length === 0 ? 0 : 1
}
