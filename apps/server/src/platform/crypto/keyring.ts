import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { Secret } from '../secret/secret.ts'
import { close, deriveFrom, keyIdOf, open } from './envelope.ts'
import { createMasterKeys, type MasterKeys } from './master-keys.ts'

/** Where a ciphertext belongs; copied to another place it does not open (AAD). */
export type Place = {
  readonly table: string
  readonly column: string
  readonly rowId: string
  readonly userId: string
}

/** What the keys of purposes come from. Wrapped by the master key, they outlive it. */
export type Roots = {
  /** Fingerprint of the master key that wraps new data keys. */
  readonly wrapsWith: string
  readonly root: Buffer
  /** Of the passwords: changed, nobody could sign in any more. */
  readonly pepper: Buffer
}

/** The roots are wrapped by a master key that is not here: secrets and sign-in are closed. */
export type Locked = { readonly wanted: string; readonly present: string | undefined }

/**
 * Secrets at rest (SEC-1). Each person has a data key, wrapped by the master key; secrets are
 * AES-256-GCM under the data key, written `v1.<key id>.<iv>.<ciphertext>.<tag>` in base64url.
 */
export type Keyring = {
  /** Eight hex digits of the master key that wraps new data keys, safe to show. */
  readonly fingerprint: string
  /** Undefined while all is well. */
  readonly locked: Locked | undefined
  /** @returns a new data key, wrapped, to be kept beside the person. @throws AppError `keys.locked` */
  createDataKey(userId: string): string
  /** @throws AppError `secret.locked` when the data key is wrapped by a master key that is not here */
  encrypt(wrappedKey: string, place: Place, secret: Secret): string
  /** @throws AppError `secret.locked` when the key is another one or the text was tampered with */
  decrypt(wrappedKey: string, place: Place, text: string): Secret
  /** Text that only this installation can open again, until it expires. */
  seal(purpose: string, value: unknown, expiresAt: Date): string
  /** @returns undefined when the text is expired, foreign or tampered with */
  unseal(purpose: string, text: string, now: Date): unknown
  /** 32 bytes for one purpose, always the same for it; not those of the master key. */
  deriveKey(purpose: string): Buffer
  /** What passwords are mixed with before they are hashed. @throws AppError `keys.locked` */
  pepper(): Buffer
  /** From now on another master key, which has to be here, wraps new data keys. */
  wrapWith(fingerprint: string): void
}

export function createKeyring(masterKeys: MasterKeys, roots: Roots | Locked): Keyring {
  const locked = 'wanted' in roots ? roots : undefined
  // What is sealed and signed while the roots are closed is good for this process only.
  const root = 'wanted' in roots ? randomBytes(32) : roots.root
  let wrapsWith = 'wanted' in roots ? roots.wanted : roots.wrapsWith

  const closed = () => new AppError('keys.locked', { facts: factsOf(locked) })
  const lockOf = (wrappedKey: string, place: Place) => ({
    key: masterKeys.unwrap(wrappedKey, ownerOf(place.userId)),
    aad: aadOf(place),
    keyId: 'u',
  })
  const sealOf = (purpose: string) => ({
    key: deriveFrom(root, `seal ${purpose}`),
    aad: purpose,
    keyId: 'r',
  })
  const orLocked = <T>(wrappedKey: string, work: () => T): T => {
    try {
      return work()
    } catch (cause) {
      throw new AppError('secret.locked', { facts: { fingerprint: keyIdOf(wrappedKey) }, cause })
    }
  }

  return {
    get fingerprint() {
      return wrapsWith
    },
    locked,
    createDataKey(userId) {
      const key = locked === undefined ? masterKeys.find(wrapsWith) : undefined
      if (key === undefined) throw closed()
      return key.wrap(randomBytes(32), ownerOf(userId))
    },
    encrypt: (wrappedKey, place, secret) =>
      orLocked(wrappedKey, () =>
        close(Buffer.from(secret.reveal(), 'utf8'), lockOf(wrappedKey, place)),
      ),
    decrypt: (wrappedKey, place, text) =>
      orLocked(
        wrappedKey,
        () => new Secret(open(text, lockOf(wrappedKey, place)).toString('utf8')),
      ),
    seal(purpose, value, expiresAt) {
      const bytes = Buffer.from(JSON.stringify({ value, until: expiresAt.getTime() }), 'utf8')
      return close(bytes, sealOf(purpose))
    },
    unseal(purpose, text, now) {
      try {
        const { value, until } = JSON.parse(open(text, sealOf(purpose)).toString('utf8'))
        return now.getTime() < until ? value : undefined
      } catch {
        return undefined
      }
    },
    deriveKey: (purpose) => deriveFrom(root, purpose),
    pepper() {
      if ('wanted' in roots) throw closed()
      return roots.pepper
    },
    wrapWith(fingerprint) {
      if (locked === undefined && masterKeys.find(fingerprint) !== undefined)
        wrapsWith = fingerprint
    },
  }
}

/** A keyring that stands on one master key alone; for programs and tests without a database. */
export function keyringOf(masterKey: Buffer): Keyring {
  const masterKeys = createMasterKeys(() => ({ own: masterKey, others: [] }))
  const wrapsWith = masterKeys.own()?.fingerprint ?? ''
  const pepper = deriveFrom(masterKey, 'password')
  return createKeyring(masterKeys, { wrapsWith, root: deriveFrom(masterKey, 'root'), pepper })
}

/** Whose data key it is; swapped between people it does not open. */
export function ownerOf(userId: string): string {
  return `data key|${userId}`
}

/** What whoever runs the server has to know. */
export function describeLocked({ wanted, present }: Locked): string {
  const having =
    present === undefined ? 'No master key is here' : `The master key here is ${present}`
  return `${having}, but sign-in and stored secrets were closed with ${wanted}. Give the server that key back and start it again; if it is lost for good, run: studioops keys reset`
}

function factsOf(locked: Locked | undefined) {
  return { wanted: locked?.wanted ?? '', present: locked?.present ?? '-' }
}

/** A JSON array, so that no separator can be played with. */
function aadOf({ table, column, rowId, userId }: Place): string {
  return JSON.stringify([table, column, rowId, userId])
}

/** Whether another secret is given than is stored; also where the stored one cannot be opened. */
export function isOtherSecret(
  given: string | undefined,
  stored: () => Secret | undefined,
): boolean {
  if (given === undefined) return false
  try {
    return !isSameText(given, stored()?.reveal() ?? '')
  } catch (error) {
    if (error instanceof AppError && error.code === 'secret.locked') return true
    throw error
  }
}

/** Compares without telling by its time where two texts differ. */
export function isSameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
