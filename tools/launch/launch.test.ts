import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { satisfies } from './version-range.mjs'

const repository = join(import.meta.dirname, '..', '..')

/** A clone in small: the launcher itself, a server of ten lines, and stand-ins for Vite and Vitest. */
async function makeClone(engines = '>=20'): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'studioops-launch-'))
  const manifest = (name: string) => ({ name, version: '1.0.0', bin: { [name]: 'run.mjs' } })
  const dependencies = { vite: 'file:stand-ins/vite', vitest: 'file:stand-ins/vitest' }
  const files = {
    'package.json': {
      name: 'small',
      version: '1.0.0',
      type: 'module',
      engines: { node: engines },
      dependencies,
    },
    'package-lock.json': {
      name: 'small',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'small', version: '1.0.0', engines: { node: engines }, dependencies },
        'stand-ins/vite': { version: '1.0.0', bin: { vite: 'run.mjs' } },
        'stand-ins/vitest': { version: '1.0.0', bin: { vitest: 'run.mjs' } },
        'node_modules/vite': { resolved: 'stand-ins/vite', link: true },
        'node_modules/vitest': { resolved: 'stand-ins/vitest', link: true },
      },
    },
    'stand-ins/vite/package.json': manifest('vite'),
    'stand-ins/vite/run.mjs': `
      import { appendFileSync, cpSync, existsSync } from 'node:fs'
      appendFileSync('builds', 'x')
      if (existsSync('apps/web/src/broken.ts')) { console.error('broken.ts is broken'); process.exit(1) }
      cpSync('apps/web/src', process.argv[process.argv.indexOf('--outDir') + 1], { recursive: true })`,
    'stand-ins/vitest/package.json': manifest('vitest'),
    'stand-ins/vitest/run.mjs': `console.log('vitest', ...process.argv.slice(2), process.version)`,
    'apps/web/src/page.ts': 'one',
    'apps/server/package.json': { name: 'server', nodeFlags: [] },
    'apps/server/src/main.ts': `
      import { onParentGone } from './parent.ts'
      const code: number = Number(process.argv.at(-1)?.split('=')[1])
      if (process.argv.at(-1)?.startsWith('--exit')) process.exit(code)
      const waiting = setInterval(() => {}, 1000)
      let times = 0
      const stop = (why: string) => {
        console.log('stopping', why, ++times)
        setTimeout(() => clearInterval(waiting), 200)
      }
      onParentGone(() => stop('alone'))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal))
      process.on('exit', () => console.log('stopped'))
      console.log('serving', process.pid, ...process.argv.slice(2))`,
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    const plain = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2)
    await writeFile(join(root, name), plain)
  }
  await cp(import.meta.dirname, join(root, 'tools', 'launch'), { recursive: true })
  await cp(
    join(repository, 'apps/server/src/platform/instance/parent.ts'),
    join(root, 'apps/server/src/parent.ts'),
  )
  await lendNpm(root)
  return root
}

/** Where the npm of the machine is too old, the repository has fetched one already. */
async function lendNpm(root: string): Promise<void> {
  const fetched = await readdir(join(repository, '.runtime')).catch(() => [])
  for (const name of fetched.filter((entry) => entry.startsWith('npm-'))) {
    await mkdir(join(root, '.runtime'), { recursive: true })
    await symlink(join(repository, '.runtime', name), join(root, '.runtime', name))
  }
}

/** What a launch left in its own directory, apart from Node and npm. */
async function leftovers(root: string): Promise<string[]> {
  const names = await readdir(join(root, '.runtime'))
  return names.filter((name) => !name.startsWith('npm-') && name !== 'cache')
}

const started = new Set<ChildProcess>()

function spawnLauncher(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const { npm_lifecycle_event: _started, ...inherited } = process.env
  const child = spawn(process.execPath, [join(root, 'tools/launch/launch.mjs'), ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  child.once('exit', () => started.delete(child))
  return child
}

async function launch(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawnLauncher(root, args, env)
  const [output, progress] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: child.exitCode, output, progress }
}

afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
})

function clone(): () => string {
  let root: string
  beforeAll(async () => {
    root = await makeClone()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  return () => root
}

describe('setting up', () => {
  const root = clone()

  it('installs and builds on the first launch, and is silent on the second', async () => {
    const first = await launch(root(), ['test', 'a', '--b'])
    const second = await launch(root(), ['test', 'a', '--b'])

    expect(first.progress).toMatch(/^Installing packages … [\d.]+ s\nBuilding .* … [\d.]+ s\n$/)
    expect(second.progress).toBe('')
    expect(second.output).toBe(`vitest run a --b ${process.version}\n`)
    expect([first.code, second.code]).toEqual([0, 0])
  })

  it('builds again when a source changed, and not when a test did', async () => {
    await launch(root(), ['build'])
    await writeFile(join(root(), 'apps/web/src/page.test.ts'), 'a test')
    expect((await launch(root(), ['build'])).progress).toBe('')

    await writeFile(join(root(), 'apps/web/src/page.ts'), 'two')

    expect((await launch(root(), ['build'])).progress).toContain('Building the web application')
    expect(await readFile(join(root(), 'apps/web/dist/page.ts'), 'utf8')).toBe('two')
  })

  it('keeps the old site when a build fails, says why, and tries again next time', async () => {
    await launch(root(), ['build'])
    const broken = join(root(), 'apps/web/src/broken.ts')
    await writeFile(broken, '')

    const failed = [await launch(root(), ['build']), await launch(root(), ['build'])]

    expect(failed.map(({ code }) => code)).toEqual([1, 1])
    for (const { progress } of failed) expect(progress).toContain('broken.ts is broken')
    expect(await readdir(join(root(), 'apps/web/dist'))).toContain('page.ts')
    await rm(broken)
  })

  it('lets the second of two launches wait for the first', async () => {
    await writeFile(join(root(), 'apps/web/src/page.ts'), 'three')
    await rm(join(root(), 'builds'), { force: true })

    const both = await Promise.all([launch(root(), ['build']), launch(root(), ['build'])])

    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(await readFile(join(root(), 'builds'), 'utf8')).toBe('x')
    expect(await leftovers(root())).toEqual([])
  })

  it('is not held up by a launch that was killed', async () => {
    await writeFile(join(root(), 'apps/web/src/page.ts'), 'four')
    await mkdir(join(root(), '.runtime/lock'), { recursive: true })
    await writeFile(join(root(), '.runtime/lock/pid'), '2147483646')

    expect((await launch(root(), ['build'])).code).toBe(0)
  })

  it('leaves alone what a developer installed by hand', async () => {
    await launch(root(), ['build'])
    await rm(join(root(), 'node_modules/.studioops-stamp'))

    expect((await launch(root(), ['test'])).progress).toBe('')
  })

  it('installs again when the lock file changed', async () => {
    await launch(root(), ['build'])
    const lock = join(root(), 'package-lock.json')
    const changed = JSON.parse(await readFile(lock, 'utf8'))
    changed.packages['node_modules/other'] = { resolved: 'stand-ins/vite', link: true }
    await rm(join(root(), 'node_modules/.package-lock.json'))
    await writeFile(lock, JSON.stringify(changed))

    expect((await launch(root(), ['test'])).progress).toContain('Installing packages')
  })
})

describe('the server', () => {
  const root = clone()

  async function serve(env: Record<string, string> = {}) {
    const launcher = spawnLauncher(root(), ['start', '--flag'], env)
    const lines = launcher.stdout.setEncoding('utf8')
    const [first] = await once(lines, 'data')
    let rest = ''
    lines.on('data', (chunk) => (rest += chunk))
    return { launcher, first: String(first), rest: () => rest }
  }

  it('gets the arguments, and its exit code is the launcher’s', async () => {
    const { first, launcher } = await serve()
    expect(first).toMatch(/^serving \d+ --flag\n$/)
    launcher.kill('SIGTERM')
    await once(launcher, 'close')

    expect((await launch(root(), ['start', '--exit=7'])).code).toBe(7)
    expect((await launch(root(), ['demo', '--exit=8'])).code).toBe(8)
  })

  it('is stopped once by a Ctrl-C that arrives twice, and waited for', async () => {
    const { launcher, rest } = await serve()

    launcher.kill('SIGINT')
    await once(launcher.stdout, 'data')
    launcher.kill('SIGINT')
    await once(launcher, 'close')

    expect(rest()).toBe('stopping SIGINT 1\nstopped\n')
    expect(launcher.exitCode).toBe(0)
  })

  it('stops when the launcher is killed', async () => {
    const { launcher, rest } = await serve()

    launcher.kill('SIGKILL')
    await once(launcher, 'close')

    expect(rest()).toBe('stopping alone 1\nstopped\n')
  })

  it.each([
    { what: 'npm', command: (start: string) => `${start} & wait` },
    {
      what: 'npm, with a shell in between',
      command: (start: string) => `sh -c '${start}; true' & wait`,
    },
  ])('stops when $what is killed', async ({ command }) => {
    const start = `"${process.execPath}" "${join(root(), 'tools/launch/launch.mjs')}" start`
    const npm = spawn('/bin/sh', ['-c', command(start)], {
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.add(npm)
    npm.stdout.setEncoding('utf8')
    await once(npm.stdout, 'data')
    let rest = ''
    npm.stdout.on('data', (chunk) => (rest += chunk))

    npm.kill('SIGKILL')
    await once(npm, 'close')

    expect(rest).toBe('stopping SIGTERM 1\nstopped\n')
  })
})

describe('a Node that is too old', () => {
  it('is replaced by one that was fetched before', async () => {
    const root = await makeClone('>=99.1 <100')
    const fetched = join(root, '.runtime/node_modules/node')
    await mkdir(join(fetched, 'bin'), { recursive: true })
    await writeFile(join(fetched, 'package.json'), '{ "version": "99.2.0" }')
    await symlink(process.execPath, join(fetched, 'bin/node'))
    await writeFile(
      join(root, 'stand-ins/vitest/run.mjs'),
      `import { execFileSync } from 'node:child_process'
       process.stdout.write(execFileSync('which', ['node']))`,
    )

    const { output, code } = await launch(root, ['test'])

    expect(output).toBe(`${join(fetched, 'bin/node')}\n`)
    expect(code).toBe(0)
    await rm(root, { recursive: true })
  })

  it('is explained, with what to do, when no other can be fetched', async () => {
    const root = await makeClone('>=99')

    const { progress, code } = await launch(root, ['start'], {
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
    })

    expect(progress).toContain(`the one here is ${process.versions.node}`)
    expect(progress).toContain('The npm registry cannot be reached. Check the network')
    expect(progress).not.toContain('    at ')
    expect(code).toBe(1)
    expect(await leftovers(root)).toEqual([])
    await rm(root, { recursive: true })
  })
})

it('lists what can be launched when it does not know the word', async () => {
  const { progress, code } = await launch(repository, ['strat'])

  expect(progress).toContain('There is nothing called "strat" to launch')
  expect(progress).toMatch(/ {2}chaos:approve +kill the server/)
  expect(code).toBe(1)
})

it.each([
  { version: '24.18.0', range: '>=24.18 <25 || >=26.4', fits: true },
  { version: '24.17.9', range: '>=24.18 <25 || >=26.4', fits: false },
  { version: '25.9.0', range: '>=24.18 <25 || >=26.4', fits: false },
  { version: '26.4.0', range: '>=24.18 <25 || >=26.4', fits: true },
  { version: '9.10.0', range: '>=24.18 <25 || >=26.4', fits: false },
  { version: '11.19.1', range: '>=11 <12', fits: true },
  { version: '12.0.0-pre.1', range: '>=11 <12', fits: false },
])('knows that $version in $range is $fits', ({ version, range, fits }) => {
  expect(satisfies(version, range)).toBe(fits)
})
