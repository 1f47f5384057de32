import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { getInstallation } from '@studioops/contracts/installation'
import { problem } from '@studioops/contracts/problem'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/sources.ts'
import { claimDataDirectory, DataDirectoryInUse } from '../platform/instance/data-directory.ts'

type Work = {
  readonly config: Config
  readonly env: Environment
  readonly terminal: {
    readonly out: (text: string) => void
    readonly tell: (text: string) => void
  }
  /** Asks at the terminal; absent where nobody sits there. */
  readonly askPassword?: () => Promise<string>
}

const manual = `Usage: studioops setup [--name <name>] [--email <address>]

Makes the owner of an installation that has nobody yet, without Jira and without a page. The
password is read from INIT_OWNER_PASSWORD or the file INIT_OWNER_PASSWORD_FILE, else asked for.
`

type Owner = { readonly displayName: string; readonly email: string; readonly password: string }

/** `studioops setup`: the first owner, in the running product or in one that runs for this (ID-15). */
export async function runSetup(args: readonly string[], work: Work): Promise<number> {
  const { config, terminal, askPassword } = work
  const { values } = parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      email: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    terminal.out(manual)
    return 0
  }
  const { firstOwner } = config
  const password = firstOwner.password?.reveal() ?? (await askPassword?.())
  if (password === undefined || password === '') {
    terminal.tell('There is no password. Set INIT_OWNER_PASSWORD or INIT_OWNER_PASSWORD_FILE.\n')
    return 3
  }
  const owner = {
    displayName: values.name ?? firstOwner.displayName,
    email: values.email ?? firstOwner.email,
    password,
  }
  const url = await runningAt(config)
  return url === undefined ? startFor(owner, work) : register(owner, url, terminal)
}

/** @returns undefined where the product does not run */
async function runningAt({ dataDirectory }: Config): Promise<string | undefined> {
  try {
    await using _ = await claimDataDirectory(dataDirectory, { waitMs: 0 })
    return undefined
  } catch (error) {
    if (error instanceof DataDirectoryInUse && error.holder?.url !== undefined)
      return error.holder.url
    throw error
  }
}

/** A product that opens nothing to the network, makes the owner and ends. */
async function startFor({ displayName, email, password }: Owner, { env }: Work): Promise<number> {
  const main = join(import.meta.dirname, '../main.ts')
  const child = spawn(process.execPath, [main, '--setup'], {
    stdio: 'inherit',
    env: {
      ...env,
      HOST: '127.0.0.1',
      PORT: '0',
      HEALTH_CHECK_ENABLED: 'false',
      INIT_OWNER_NAME: displayName,
      INIT_OWNER_EMAIL: email,
      INIT_OWNER_PASSWORD: password,
      INIT_OWNER_PASSWORD_FILE: undefined,
    },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

async function register(
  owner: Owner,
  url: string,
  { out, tell }: Work['terminal'],
): Promise<number> {
  const installation = getInstallation.reply.parse(
    await (await fetch(`${url}/api/installation`)).json(),
  )
  if (installation.mode !== 'new') {
    tell('This installation has its people already; nothing was changed.\n')
    return 1
  }
  const reply = await fetch(`${url}/api/accounts/local`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(owner),
  })
  if (reply.ok) {
    out(`The owner ${owner.email} was made; sign in with this name.\n`)
    return 0
  }
  const refusal = problem.safeParse(await reply.json())
  tell(`${refusal.data?.message_en ?? `The product answered ${reply.status}.`}\n`)
  return 1
}
