import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runQuietly } from './children.mjs'
import { exclusively } from './exclusive.mjs'
import { filesBelow, fingerprint, hasStamp, writeStamp } from './fingerprint.mjs'
import { LaunchError } from './launch-error.mjs'
import { explainNpmFailure, indent, lastLines } from './npm-failure.mjs'
import { step } from './progress.mjs'
import { commandOf, readJson, root, runtimeDirectory } from './project.mjs'
import { findNpm } from './runtime.mjs'

const modules = join(root, 'node_modules')
const installStamp = join(modules, '.studioops-stamp')
const web = join(root, 'apps', 'web')
const site = join(web, 'dist')
const siteStamp = join(site, '.inputs')

/** `npm ci`, when the packages asked for are not the ones that are there. */
export async function installPackages(node) {
  const print = fingerprintOfPackages()
  if (hasStamp(installStamp, print)) return
  await exclusively(async () => {
    if (hasStamp(installStamp, print)) return
    if (!isInstalledByHand()) {
      const npm = await findNpm(node)
      await step('Installing packages', async () => {
        rmSync(installStamp, { force: true })
        const { code, output } = await runQuietly(node, [npm, ...installArguments], {
          env: { NODE_ENV: undefined },
        })
        if (code !== 0) throw explainNpmFailure('Installing packages (npm ci)', output)
      })
    }
    writeStamp(installStamp, print)
  })
}

const installArguments = [
  'ci',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
]

function fingerprintOfPackages() {
  const manifests = ['packages', 'apps']
    .map((group) => join(root, group))
    .filter((group) => existsSync(group))
    .flatMap((group) => readdirSync(group).map((name) => join(group, name, 'package.json')))
    .filter((path) => existsSync(path))
  const files = [join(root, 'package-lock.json'), join(root, 'package.json'), ...manifests]
  return fingerprint(files, [process.platform, process.arch])
}

/** After `npm install` by a developer nothing is left to do, and `npm ci` would begin by deleting it. */
function isInstalledByHand() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = readJson(join(root, 'package-lock.json')).packages
  const present = readJson(record).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link) return true
    const found = present[path]
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && found.integrity === entry.integrity
  })
}

/** `vite build`, when what it is made of has changed. The old site is served until the new one is whole. */
export async function buildWeb(node) {
  const print = fingerprintOfWeb()
  if (hasStamp(siteStamp, print)) return
  await exclusively(async () => {
    if (hasStamp(siteStamp, print)) return
    await step('Building the web application', async () => {
      const draft = join(runtimeDirectory, `web-${process.pid}`)
      const old = `${draft}-old`
      try {
        await viteBuild(node, draft)
        writeStamp(join(draft, '.inputs'), print)
        if (existsSync(site)) renameSync(site, old)
        renameSync(draft, site)
      } finally {
        for (const path of [draft, old]) rmSync(path, { recursive: true, force: true })
      }
    })
  })
}

async function viteBuild(node, outDir) {
  mkdirSync(runtimeDirectory, { recursive: true })
  const { code, output } = await runQuietly(
    node,
    [commandOf('vite'), 'build', web, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'],
    { env: { NODE_ENV: undefined } },
  )
  if (code === 0) return
  throw new LaunchError(
    `The web application cannot be built. Vite says why:\n${indent(lastLines(output))}`,
  )
}

function fingerprintOfWeb() {
  const sources = filesBelow(web, ['dist', 'node_modules']).filter(
    (path) => !/\.test\.tsx?$/.test(path),
  )
  const contracts = filesBelow(join(root, 'packages', 'contracts', 'src'))
  return fingerprint([...sources, ...contracts, join(root, 'package-lock.json')])
}
