import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { Secret } from '../secret/secret.ts'

/** Where a ciphertext belongs; copied to another place it does not open (AAD). */
export type Place = {
  readonly table: string
  readonly column: string
  readonly rowId: string
  readonly userId: string
}

/**
 * Secrets at rest (SEC-1). Each person has a data key, wrapped by the master key; secrets are
 * AES-256-GCM under the data key, written `v1.<key id>.<iv>.<ciphertext>.<tag>` in base64url.
 */
export type Keyring = {
  /** Eight hex digits that tell which master key this is, safe to show. */
  readonly fingerprint: string
  /** @returns a new data key, wrapped, to be kept beside the person */
  createDataKey(userId: string): string
  encrypt(wrappedKey: string, place: Place, secret: Secret): string
  /** @throws AppError `secret.locked` when the key is another one or the text was tampered with */
  decrypt(wrappedKey: string, place: Place, text: string): Secret
  /** Text that only this installation can open again, until it expires. */
  seal(purpose: string, value: unknown, expiresAt: Date): string
  /** @returns undefined when the text is expired, foreign or tampered with */
  unseal(purpose: string, text: string, now: Date): unknown
  /** 32 bytes for one purpose, always the same for it (HKDF, RFC 5869). */
  deriveKey(purpose: string): Buffer
}

export function createKeyring(masterKey: Buffer): Keyring {
  const deriveKey = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), purpose, 32))
  const wrappingKey = deriveKey('wrap data keys')
  const fingerprint = createHash('sha256')
    .update(deriveKey('fingerprint'))
    .digest('hex')
    .slice(0, 8)

  const unwrap = (wrappedKey: string, userId: string) =>
    open(wrappedKey, { key: wrappingKey, aad: `data key|${userId}`, keyId: fingerprint })
  const locked = (cause: unknown) =>
    new AppError('secret.locked', { facts: { fingerprint }, cause })

  return {
    fingerprint,
    deriveKey,
    createDataKey: (userId) =>
      close(randomBytes(32), { key: wrappingKey, aad: `data key|${userId}`, keyId: fingerprint }),
    encrypt(wrappedKey, place, secret) {
      try {
        const key = unwrap(wrappedKey, place.userId)
        return close(Buffer.from(secret.reveal(), 'utf8'), { key, aad: aadOf(place), keyId: 'u' })
      } catch (error) {
        throw locked(error)
      }
    },
    decrypt(wrappedKey, place, text) {
      try {
        const key = unwrap(wrappedKey, place.userId)
        return new Secret(open(text, { key, aad: aadOf(place), keyId: 'u' }).toString('utf8'))
      } catch (error) {
        throw locked(error)
      }
    },
    seal(purpose, value, expiresAt) {
      const bytes = Buffer.from(JSON.stringify({ value, until: expiresAt.getTime() }), 'utf8')
      return close(bytes, { key: deriveKey(`seal ${purpose}`), aad: purpose, keyId: fingerprint })
    },
    unseal(purpose, text, now) {
      try {
        const lock = { key: deriveKey(`seal ${purpose}`), aad: purpose, keyId: fingerprint }
        const { value, until } = JSON.parse(open(text, lock).toString('utf8'))
        return now.getTime() < until ? value : undefined
      } catch {
        return undefined
      }
    },
  }
}

type Lock = { readonly key: Buffer; readonly aad: string; readonly keyId: string }

function close(bytes: Buffer, { key, aad, keyId }: Lock): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return ['v1', keyId, ...parts].join('.')
}

function open(text: string, { key, aad, keyId }: Lock): Buffer {
  const [version, writtenBy, iv, ciphertext, tag, ...rest] = text.split('.')
  if (version !== 'v1' || writtenBy !== keyId || tag === undefined || rest.length > 0)
    throw new Error('not a text of this key')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(iv), { authTagLength: 16 })
    .setAAD(Buffer.from(aad, 'utf8'))
    .setAuthTag(bytes(tag))
  return Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()])
}

/** Only the one spelling that `close` writes: the last digit may have bits that mean nothing. */
function bytes(part = ''): Buffer {
  const read = Buffer.from(part, 'base64url')
  if (read.toString('base64url') !== part) throw new Error('not written by us')
  return read
}

/** A JSON array, so that no separator can be played with. */
function aadOf({ table, column, rowId, userId }: Place): string {
  return JSON.stringify([table, column, rowId, userId])
}

/** Compares without telling by its time where two texts differ. */
export function isSameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
