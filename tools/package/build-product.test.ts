import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { endDatabase } from '../chaos/product-process.ts'
import { buildProduct, renameImports } from './build-product.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

describe('the published package', () => {
  let directory: string
  let cli: string

  // With the libraries of this checkout; `npm run bench:newcomer -- --package` takes the registry's.
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'studioops-package-'))
    const target = join(directory, 'node_modules/studioops')
    await buildProduct(target)
    const { dependencies, optionalDependencies } = JSON.parse(
      await readFile(join(target, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (name.startsWith('@studioops/')) continue
      const place = join(directory, 'node_modules', name)
      await mkdir(dirname(place), { recursive: true })
      await symlink(join(repository, 'node_modules', name), place)
    }
    cli = join(target, 'bin/studioops.mjs')
  }, 120_000)

  afterAll(async () => {
    await endDatabase(join(directory, 'data'))
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 })
  })

  it('looks at Node, settings, database and model files, serves its page, and stops when told [OPS-2] [D-22]', async () => {
    const port = await freePort()
    const child = spawn(process.execPath, [cli, 'start', '--env', 'development'], {
      cwd: directory,
      env: {
        ...withoutOurs(),
        PORT: String(port),
        SINGLE_PORT: 'true',
        STUDIOOPS_DATA_DIR: join(directory, 'data'),
        LANG: 'he_IL.UTF-8',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let told = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text))
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    while (!told.includes(`http://localhost:${port}`) && child.exitCode === null) await sleep(50)
    expect(told).toMatch(/Node \d+\.[\s\S]*ההגדרות תקינות: development[\s\S]*מסד נתונים: /)
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="root"')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 120_000)

  it('refuses a setting that is wrong before anything runs, and an environment that it does not know', async () => {
    const start = (args: readonly string[], env: object) =>
      run(process.execPath, [cli, 'start', ...args], {
        cwd: directory,
        env: { ...withoutOurs(), LANG: 'C', ...env },
      }).catch((error: { code: number; stderr: string }) => error)
    expect(await start([], { PORT: 'eight' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PORT'),
    })
    expect(await start(['--env', 'staging'], {})).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--env development|production'),
    })
  })

  it('names files as they are built, and leaves words alone that only look like files', () => {
    expect(renameImports(`import { a } from './a.ts'; fork(join(dir, 'b-process.ts'))`)).toBe(
      `import { a } from './a.js'; fork(join(dir, 'b-process.js'))`,
    )
    expect(renameImports(`where: 'src/platform/keys.ts'`)).toBe(`where: 'src/platform/keys.ts'`)
  })
})

function withoutOurs(): NodeJS.ProcessEnv {
  const own = /^(?:STUDIOOPS_|DATABASE_URL|NODE_ENV|VITEST|NODE_OPTIONS)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)))
}
