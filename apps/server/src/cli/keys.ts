import { parseArgs } from 'node:util'
import type { Config } from '../config/config.ts'
import { createAudit } from '../platform/audit/audit.ts'
import { type MasterKey, openMasterKey } from '../platform/crypto/master-keys.ts'
import { keyStatus, type KeyStatus, rotateKeys } from '../platform/crypto/rotate-keys.ts'
import type { Database } from '../platform/db/database.ts'
import { resetKeys } from './keys-reset.ts'
import { nextMasterKey, takeUpNextMasterKey } from '../platform/instance/master-key-files.ts'
import {
  keysDirectoryOf,
  type MasterKeySource,
  openMasterKeys,
} from '../platform/instance/master-key-source.ts'

export const keysManual = `Usage: studioops keys <command>

Commands:
  status [--json]  which master key is here, and which one wraps what
  rotate           replaces the master key while the product runs; may be broken off and run again
  reset --yes      where the key is lost for good: begins anew with the present one

After a reset every stored token is lost, nobody's password fits and second factors are gone. The
owners get links to set a password; they let the others in, or these prove themselves by their Jira
token. Everybody enters the tokens again. Start the server again afterwards.

Where the key is a file in the data directory, rotate makes the next one and keeps the earlier one
beside it, for older backups. Where it comes from the environment or a command: give all servers the
new key, and the earlier one as STUDIOOPS_MASTER_KEY_PREVIOUS; start them again; then run rotate.

Exit codes: 0 done, 1 something could not be opened, 3 not understood, 4 failed.
`

export type Terminal = {
  readonly out: (text: string) => void
  readonly tell: (text: string) => void
}

type Work = {
  readonly config: Config
  readonly openDatabase: () => Promise<Database>
  readonly terminal: Terminal
}

/** @returns the exit code */
export async function runKeys(args: readonly string[], work: Work): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      yes: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command] = positionals
  if (command === 'status') return showStatus(work, values.json === true)
  if (command === 'rotate') return rotate(work)
  if (command === 'reset' && values.yes === true) return reset(work)
  ;(values.help === true ? work.terminal.out : work.terminal.tell)(keysManual)
  return values.help === true ? 0 : 3
}

async function showStatus({ config, openDatabase, terminal }: Work, asJson: boolean) {
  const source = await openMasterKeys(config)
  const status = await keyStatus(await openDatabase(), source.masterKeys)
  if (asJson) terminal.out(`${JSON.stringify({ source: source.kind, ...status }, undefined, 2)}\n`)
  else for (const line of describeStatus(source, status)) terminal.out(`${line}\n`)
  const isWhole =
    status.people.every(({ isHere }) => isHere) &&
    status.roots.every(({ fingerprint }) => source.masterKeys.find(fingerprint) !== undefined)
  return isWhole ? 0 : 1
}

function describeStatus({ place, problem, masterKeys }: MasterKeySource, status: KeyStatus) {
  const here = (fingerprint: string) =>
    masterKeys.find(fingerprint) === undefined ? ' (this key is not here)' : ''
  return [
    `Master key ${status.own ?? 'absent'} from ${place}`,
    ...(problem === undefined ? [] : [problem]),
    ...status.roots.map(
      ({ name, fingerprint, wrappedAt }) =>
        `${name}: under ${fingerprint} since ${wrappedAt.toISOString()}${here(fingerprint)}`,
    ),
    ...status.people.map(
      ({ fingerprint, people }) =>
        `data keys of ${people} people: under ${fingerprint}${here(fingerprint)}`,
    ),
  ]
}

async function rotate({ config, openDatabase, terminal }: Work): Promise<number> {
  const source = await openMasterKeys(config)
  const own = source.masterKeys.own()
  if (own === undefined) {
    terminal.tell(`${source.problem ?? `There is no master key at ${source.place}.`}\n`)
    return 4
  }
  const database = await openDatabase()
  const to = await targetOf(source, own, config)
  const { rewrapped, unreadable } = await rotateKeys({
    database,
    masterKeys: source.masterKeys,
    to,
    onProgress: (done) => terminal.tell(`${done} data keys are under ${to.fingerprint} now\n`),
  })
  const facts = { to: to.fingerprint, rewrapped, unreadable: unreadable.length }
  await createAudit(database).record({ action: 'keys.rotate', outcome: 'done', facts })
  for (const id of unreadable)
    terminal.tell(`The data key of ${id} is under a master key that is not here; left as it is.\n`)
  terminal.out(`Everything that could be opened is under ${to.fingerprint} now.\n`)
  if (source.kind === 'file') {
    const kept = await takeUpNextMasterKey(keysDirectoryOf(config), own.fingerprint)
    terminal.out(
      `The earlier key lies in ${kept}, for older backups. Remove it when none is needed.\n`,
    )
  } else terminal.out('STUDIOOPS_MASTER_KEY_PREVIOUS is not needed any more.\n')
  return unreadable.length === 0 ? 0 : 1
}

async function reset({ config, openDatabase, terminal }: Work): Promise<number> {
  const { masterKeys, problem, place } = await openMasterKeys(config)
  const key = masterKeys.own()
  if (key === undefined) {
    terminal.tell(`${problem ?? `There is no master key at ${place}; start the server once.`}\n`)
    return 4
  }
  const database = await openDatabase()
  const { people, roots } = await keyStatus(database, masterKeys)
  const all = [...people, ...roots].map(({ fingerprint }) => masterKeys.find(fingerprint))
  if (all.every((found) => found !== undefined)) {
    terminal.tell('Every key can be opened with what is here; nothing was reset.\n')
    return 1
  }
  const links = await resetKeys({ database, audit: createAudit(database), key })
  terminal.out(
    `Begun anew under ${key.fingerprint}. Start StudioOps again, then open within a day:\n`,
  )
  const base = config.http.publicUrl ?? `http://localhost:${config.http.port}`
  for (const { employeeId, path } of links)
    terminal.out(`  ${employeeId}: ${base.replace(/\/+$/, '')}${path}\n`)
  return 0
}

/** A file is replaced by a new one; elsewhere the operator has given the new key already. */
async function targetOf(
  source: MasterKeySource,
  own: MasterKey,
  config: Config,
): Promise<MasterKey> {
  if (source.kind !== 'file') return own
  return openMasterKey(await nextMasterKey(keysDirectoryOf(config)))
}
