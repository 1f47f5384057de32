import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../apps/server/src/platform/db/embedded/address.ts'
import { createTestClient } from '../../apps/server/src/testing/test-client.ts'
import { carryToJira } from '../bench/main-job.ts'

/**
 * Carries out the Dockerfile without a container engine, in a fresh Debian made by debootstrap, and
 * does the main job in the result: `node tools/deploy/run-dockerfile.ts`, as root on Debian.
 * What an engine adds (layers, namespaces, the health check's schedule) is not there.
 */
const root = join(import.meta.dirname, '../..')
const suite = 'bookworm'
const scratch = '/var/tmp'
const startWithinMs = 180_000

type Line = { readonly word: string; readonly rest: string }
/** A root directory, and the lines that say how it is run. */
type Stage = { readonly name: string; readonly directory: string; readonly lines: Line[] }

const lines: readonly Line[] = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
    return { word, rest }
  })

/** Debian with the Node of the launcher, as the official image has it. */
async function makeBase(directory: string): Promise<void> {
  execFileSync('debootstrap', ['--variant=minbase', suite, directory], { stdio: 'ignore' })
  const bin = join(directory, 'usr/local/bin')
  await cp(process.execPath, join(bin, 'node'))
  const npm = join(directory, 'usr/local/lib/node_modules/npm')
  await cp(npmDirectory(), npm, { recursive: true })
  for (const name of ['npm', 'npx'])
    execFileSync('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name)])
  for (const path of ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl', '/root/.npmrc'])
    if (existsSync(path))
      await cp(path, join(directory, path), { recursive: true, dereference: true })
}

function npmDirectory(): string {
  const cli = execFileSync('sh', ['-ec', 'realpath "$(command -v npm)"'], { encoding: 'utf8' })
  return dirname(dirname(cli.trim()))
}

function inside(directory: string, command: string): void {
  console.log(`RUN ${command}`)
  const script = `cd /app 2>/dev/null || cd /; ${command}`
  execFileSync('chroot', [directory, '/bin/sh', '-ec', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** What git would hand to an engine: committed files, without what .dockerignore names. */
function copySource(directory: string): void {
  const target = join(directory, 'app')
  execFileSync('sh', ['-ec', `git archive HEAD | tar --extract --directory ${target}`], {
    cwd: root,
  })
}

async function carryOut(scene: string): Promise<Stage> {
  const base = join(scene, 'base')
  await makeBase(base)
  const stages: Stage[] = []
  for (const line of lines)
    if (line.word === 'FROM') stages.push(await openStage(base, line, stages.length))
    else carryOutLine(line, stages)
  const last = stages.at(-1)
  if (last === undefined) throw new Error('the Dockerfile has no FROM')
  return last
}

function mountSystem(directory: string): void {
  for (const path of ['proc', 'dev'])
    execFileSync('mount', ['--bind', `/${path}`, join(directory, path)])
}

async function openStage(base: string, { rest }: Line, number: number): Promise<Stage> {
  const directory = `${base}-${number}`
  execFileSync('cp', ['--archive', base, directory])
  for (const path of ['app', 'proc', 'dev']) await mkdir(join(directory, path), { recursive: true })
  mountSystem(directory)
  return { name: /\sAS\s(\S+)/.exec(rest)?.[1] ?? '', directory, lines: [] }
}

function carryOutLine(line: Line, stages: readonly Stage[]): void {
  const stage = stages.at(-1)
  if (stage === undefined) return
  const { word, rest } = line
  const from = /^--from=(\S+) (\S+)/.exec(rest)
  if (word === 'RUN') inside(stage.directory, rest)
  else if (word !== 'COPY') stage.lines.push(line)
  else if (from === null) copySource(stage.directory)
  else {
    const [, name, path = ''] = from
    const source = stages.find((one) => one.name === name)?.directory ?? ''
    execFileSync('cp', ['--archive', `${source}${path}/.`, `${stage.directory}${path}`])
  }
}

const wordOf = ({ lines: all }: Stage, word: string) =>
  all.find((line) => line.word === word)?.rest ?? ''

/** As its user, on a root that is mounted read only, with what the image sets. */
function start(image: Stage, port: number) {
  const { directory } = image
  const set = wordOf(image, 'ENV').split(' ')
  const program = [...jsonOf(wordOf(image, 'ENTRYPOINT')), ...jsonOf(wordOf(image, 'CMD'))]
  execFileSync('mount', ['--bind', directory, directory])
  execFileSync('mount', ['-o', 'remount,ro,bind', directory])
  mountSystem(directory)
  for (const path of ['tmp', 'data'])
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(directory, path)])
  execFileSync('chroot', [directory, 'chown', wordOf(image, 'USER'), '/data', '/tmp'])
  const env = [
    'env',
    '--ignore-environment',
    'PATH=/usr/local/bin:/usr/bin:/bin',
    ...set,
    `PORT=${port}`,
  ]
  const user = `--userspec=${wordOf(image, 'USER')}`
  const inApp = (words: readonly string[]) => [
    user,
    directory,
    ...env,
    'sh',
    '-c',
    'cd /app && exec "$@"',
    'sh',
    ...words,
  ]
  return {
    child: spawn('chroot', inApp(program), { stdio: ['ignore', 'inherit', 'inherit'] }),
    check: () =>
      execFileSync('chroot', inApp(jsonOf(wordOf(image, 'HEALTHCHECK').replace(/^.*CMD /, '')))),
  }
}

const jsonOf = (text: string) => JSON.parse(text === '' ? '[]' : text) as string[]

function unmountAll(scene: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${scene}/`))
  for (const path of mounts.toReversed()) execFileSync('umount', ['--lazy', path])
}

async function untilReady(origin: string, isOver: () => boolean): Promise<void> {
  const until = performance.now() + startWithinMs
  const isReady = () =>
    fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (isOver() || performance.now() > until) throw new Error('it did not start')
    await sleep(200)
  }
}

async function tryImage(image: Stage): Promise<void> {
  const port = await freePort()
  const { child, check } = start(image, port)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  try {
    const origin = `http://127.0.0.1:${port}`
    await untilReady(origin, () => child.exitCode !== null)
    check()
    const key = await carryToJira(createTestClient(origin), (_, work) => work())
    check()
    const user = wordOf(image, 'USER')
    console.log(`The image serves as ${user} on a read-only root; it made ${key}.`)
  } finally {
    child.kill('SIGTERM')
  }
  console.log(`It ended with ${await ended} when it was told to stop.`)
}

async function main(): Promise<void> {
  const scene = await mkdtemp(join(scratch, 'studioops-image-'))
  try {
    await tryImage(await carryOut(scene))
  } finally {
    unmountAll(scene)
    await rm(scene, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
  }
}

await main()
