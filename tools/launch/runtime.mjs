import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { runQuietly } from './children.mjs'
import { exclusively } from './exclusive.mjs'
import { LaunchError } from './launch-error.mjs'
import { explainNpmFailure } from './npm-failure.mjs'
import { step } from './progress.mjs'
import { readJson, root, runtimeDirectory } from './project.mjs'
import { satisfies } from './version-range.mjs'

/** The versions that are fetched where the machine's own are too old, and that the product is tested with. */
const nodeVersion = '24.21.0'
const npmVersion = '11.19.1'
/** npm 10 does not accept our lock file, and npm 12 asks about install scripts. */
const npmRange = '>=11 <12'

const executable = process.platform === 'win32' ? 'node.exe' : 'node'

/** Path of a Node that may run the product: this one, one fetched earlier, or one fetched now. */
export async function findNode() {
  const { engines } = readJson(join(root, 'package.json'))
  if (satisfies(process.versions.node, engines.node)) return process.execPath
  const known = () => nodesFetched().find(({ version }) => satisfies(version, engines.node))?.path
  return (
    known() ??
    exclusively(
      async () => known() ?? (await fetchNode(`the one here is ${process.versions.node}`)),
    )
  )
}

function nodesFetched() {
  const own = join(runtimeDirectory, `node-${nodeVersion}`, 'bin', executable)
  const byNpm = join(runtimeDirectory, 'node_modules', 'node')
  const found = existsSync(own) ? [{ path: own, version: nodeVersion }] : []
  const path = join(byNpm, 'bin', executable)
  if (!existsSync(path)) return found
  return [...found, { path, version: readJson(join(byNpm, 'package.json')).version }]
}

async function fetchNode(because) {
  const name = nodePackage()
  const target = join(runtimeDirectory, `node-${nodeVersion}`)
  await step(`Fetching Node ${nodeVersion} from npm (${because})`, () =>
    fetchPackage(`${name}@${nodeVersion}`, (installed) => {
      const node = join(installed, name, 'bin', executable)
      proveRunnable(node)
      mkdirSync(join(installed, name, 'only'))
      renameSync(join(installed, name, 'bin'), join(installed, name, 'only', 'bin'))
      putInPlace(join(installed, name, 'only'), target)
    }),
  )
  return join(target, 'bin', executable)
}

/** The package that holds the program itself; `node` on npm is a script that would install this one. */
function nodePackage() {
  const { platform, arch } = process
  const prefix = platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${platform === 'win32' ? 'win' : platform}-${arch}`
}

function proveRunnable(node) {
  try {
    execFileSync(node, ['--version'], { stdio: 'ignore' })
  } catch (error) {
    throw new LaunchError(
      `Node ${nodeVersion} from npm does not run on this machine (${error.message}). ` +
        'Install Node 24.18 or later from https://nodejs.org and start again.',
    )
  }
}

/** Path of the `npm-cli.js` that installs the project. */
export async function findNpm(node) {
  const fetched = join(runtimeDirectory, `npm-${npmVersion}`)
  const cli = join(fetched, 'bin', 'npm-cli.js')
  const known = () =>
    npmsOfMachine(node).find((path) => isRightNpm(path)) ?? (existsSync(cli) ? cli : undefined)
  return (
    known() ??
    exclusively(async () => {
      if (known() !== undefined) return known()
      await step(`Fetching npm ${npmVersion}`, () =>
        fetchPackage(`npm@${npmVersion}`, (installed) =>
          putInPlace(join(installed, 'npm'), fetched),
        ),
      )
      return cli
    })
  )
}

function isRightNpm(cli) {
  return satisfies(readJson(join(dirname(dirname(cli)), 'package.json')).version, npmRange)
}

/** The npm that started us, then those that came with the Nodes at hand, then those on PATH. */
function npmsOfMachine(node = process.execPath) {
  const beside = [node, process.execPath].flatMap((path) => [
    join(dirname(dirname(path)), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(path), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ])
  const onPath = (process.env.PATH ?? process.env.Path ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .flatMap((directory) => [
      join(directory, 'npm'),
      join(directory, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ])
  return [process.env.npm_execpath ?? '', ...beside, ...onPath]
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .filter((path) => basename(path) === 'npm-cli.js')
}

/** Installs one package into a directory of its own, so that half a download is never taken for a whole. */
async function fetchPackage(spec, use) {
  const [npm] = npmsOfMachine()
  if (npm === undefined) {
    throw new LaunchError('There is no npm on this machine. Start with "npm start" or "npm test".')
  }
  mkdirSync(runtimeDirectory, { recursive: true })
  const draft = mkdtempSync(join(runtimeDirectory, 'draft-'))
  try {
    const { code, output } = await runQuietly(process.execPath, [
      npm,
      'install',
      spec,
      `--prefix=${draft}`,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ])
    if (code !== 0) throw explainNpmFailure(`Fetching ${spec} from npm`, output)
    use(join(draft, 'node_modules'))
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function putInPlace(from, to) {
  rmSync(to, { recursive: true, force: true })
  renameSync(from, to)
}
