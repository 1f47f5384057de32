import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright-core'

const root = join(import.meta.dirname, '../..')
const packageFolder = join(root, 'node_modules/@sparticuz/chromium')
const ofDebian = '/usr/bin/chromium'

/** It asks nobody for updates, lists, translations or time; the tests count every request. */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
]

/**
 * Chromium, wherever one is: `CHROMIUM_PATH`, that of Debian, or the one that came with
 * `npm ci`, which is unpacked once into `.runtime`.
 *
 * @throws Error with what to do on a machine for which there is none
 */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(await findChromium()),
    // Containers and root have no sandbox; the only pages that are opened are our own.
    args: ['--no-sandbox', '--font-render-hinting=none', ...quiet],
  })
}

async function findChromium(): Promise<LaunchOptions> {
  const chosen = process.env['CHROMIUM_PATH']
  if (chosen !== undefined && chosen !== '') return { executablePath: chosen }
  if (existsSync(ofDebian)) return { executablePath: ofDebian }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackedChromium()
  const { platform, arch } = process
  throw new Error(
    `npm brings no Chromium for ${platform} on ${arch}. Install Chromium or Chrome and name it: CHROMIUM_PATH=/path/to/chromium npm test`,
  )
}

async function unpackedChromium(): Promise<LaunchOptions> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(root, '.runtime', `chromium-${version}`)
  if (!existsSync(folder)) await unpackInto(folder)
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      ...ownEnvironment(),
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  }
}

/** Complete or not there at all, also when several unpack at once: the first to be done stays. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true })
  const mine = await mkdtemp(`${folder}-`)
  try {
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'unpack-chromium.ts')], {
      cwd: root,
      env: { ...ownEnvironment(), TMPDIR: mine, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
    })
    await rename(mine, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    await rm(mine, { recursive: true, force: true })
  }
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
}

/** What somebody would have seen when a test failed, in `.runtime/e2e`. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const file = `${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 100)}.png`
  await page.screenshot({ path: join(root, '.runtime/e2e', file) }).catch(() => undefined)
}

/** For people who look at every screen (G-10): only where `KEEP_SCREENS=true` asks for it. */
export async function keepScreen(page: Page, name: string): Promise<void> {
  if (process.env['KEEP_SCREENS'] === 'true') await keepPicture(page, name)
}
