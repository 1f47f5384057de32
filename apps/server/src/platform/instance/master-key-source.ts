import { join } from 'node:path'
import { askForMasterKey, MasterKeyCommandError } from '../crypto/master-key-command.ts'
import { createMasterKeys, type MasterKeyBytes, type MasterKeys } from '../crypto/master-keys.ts'
import type { Secret } from '../secret/secret.ts'
import { weaknessOf } from '../secret/weak-key.ts'
import { readMasterKeyFiles } from './master-key-files.ts'

/** Where the configuration says that the master key comes from; a file where it says nothing. */
export type MasterKeyChoice = {
  readonly dataDirectory: string
  readonly masterKey: Secret | undefined
  readonly previousMasterKeys: readonly Secret[]
  readonly masterKeyCommand: readonly string[] | undefined
}

export type MasterKeySource = {
  readonly kind: 'file' | 'environment' | 'command'
  /** Where to look for it, for people. */
  readonly place: string
  readonly masterKeys: MasterKeys
  /** Why the own key could not be had; the product starts without it. */
  readonly problem?: string
  /** Why nobody would draw such a key by chance. */
  readonly weakness: ReturnType<typeof weaknessOf>
}

export function keysDirectoryOf({ dataDirectory }: Pick<MasterKeyChoice, 'dataDirectory'>): string {
  return join(dataDirectory, 'keys')
}

/** Opens the master keys. Never fails for a key that is missing; a key file is not made here. */
export async function openMasterKeys(choice: MasterKeyChoice): Promise<MasterKeySource> {
  const { masterKey, masterKeyCommand, previousMasterKeys } = choice
  const others = previousMasterKeys.map(bytesOf)
  if (masterKey !== undefined)
    return sourceOf('environment', 'STUDIOOPS_MASTER_KEY', () => ({
      own: bytesOf(masterKey),
      others,
    }))
  if (masterKeyCommand !== undefined) return openByCommand(masterKeyCommand, others)
  const directory = keysDirectoryOf(choice)
  return sourceOf('file', join(directory, 'master.key'), () => {
    const files = readMasterKeyFiles(directory)
    return { own: files.own, others: [...files.others, ...others] }
  })
}

async function openByCommand(
  command: readonly string[],
  others: readonly Buffer[],
): Promise<MasterKeySource> {
  const place = 'STUDIOOPS_MASTER_KEY_COMMAND'
  try {
    const own = await askForMasterKey(command)
    return sourceOf('command', place, () => ({ own, others }))
  } catch (error) {
    if (!(error instanceof MasterKeyCommandError)) throw error
    const without = sourceOf('command', place, () => ({ own: undefined, others }))
    return { ...without, problem: error.message }
  }
}

function sourceOf(
  kind: MasterKeySource['kind'],
  place: string,
  read: () => MasterKeyBytes,
): MasterKeySource {
  const { own } = read()
  const weakness = own === undefined ? undefined : weaknessOf(own)
  return { kind, place, masterKeys: createMasterKeys(read), weakness }
}

function bytesOf(key: Secret): Buffer {
  return Buffer.from(key.reveal(), 'hex')
}
