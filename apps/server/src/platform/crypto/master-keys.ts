import { createHash } from 'node:crypto'
import { close, deriveFrom, keyIdOf, open } from './envelope.ts'

/** Wraps other keys; nothing else is ever closed with it. */
export type MasterKey = {
  /** Eight hex digits that tell which key this is, safe to show. */
  readonly fingerprint: string
  /** @param owner what the key belongs to, such as `data key|<user id>` */
  wrap(key: Buffer, owner: string): string
  /** @throws where it was wrapped by another key, for another owner, or changed */
  unwrap(wrapped: string, owner: string): Buffer
  /** What passwords were mixed with before there was a pepper of its own. */
  earlierPepper(): Buffer
}

/** Every master key that this process can reach. While one is replaced there are two. */
export type MasterKeys = {
  /** The one that the configuration names; undefined where it could not be had. */
  own(): MasterKey | undefined
  /** Looks again where it is not known yet, because it may have come since. */
  find(fingerprint: string): MasterKey | undefined
  /** @throws where no key is there that wrapped it, or it was changed */
  unwrap(wrapped: string, owner: string): Buffer
}

export function openMasterKey(bytes: Buffer): MasterKey {
  const key = deriveFrom(bytes, 'wrap data keys')
  const fingerprint = createHash('sha256')
    .update(deriveFrom(bytes, 'fingerprint'))
    .digest('hex')
    .slice(0, 8)
  const lockFor = (aad: string) => ({ key, aad, keyId: fingerprint })
  return {
    fingerprint,
    wrap: (bytesOfKey, owner) => close(bytesOfKey, lockFor(owner)),
    unwrap: (wrapped, owner) => open(wrapped, lockFor(owner)),
    earlierPepper: () => deriveFrom(bytes, 'password'),
  }
}

/** Bytes of the master keys as they are now: the configured one, and others that may still open. */
export type MasterKeyBytes = {
  readonly own: Buffer | undefined
  readonly others: readonly Buffer[]
}

/** @param read cheap enough to be asked again */
export function createMasterKeys(read: () => MasterKeyBytes): MasterKeys {
  const known = new Map<string, MasterKey>()
  let own: MasterKey | undefined
  const readAgain = () => {
    const now = read()
    own = now.own && openMasterKey(now.own)
    for (const key of [...now.others.map(openMasterKey), ...(own === undefined ? [] : [own])])
      known.set(key.fingerprint, key)
  }
  readAgain()
  const find = (fingerprint: string) => {
    if (!known.has(fingerprint)) readAgain()
    return known.get(fingerprint)
  }
  return {
    own: () => own,
    find,
    unwrap(wrapped, owner) {
      const key = find(keyIdOf(wrapped))
      if (key === undefined) throw new Error('no key that wrapped this is here')
      return key.unwrap(wrapped, owner)
    },
  }
}
