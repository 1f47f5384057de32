import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export type Lock = {
  readonly key: Buffer
  /** What the text belongs to; it does not open anywhere else. */
  readonly aad: string
  /** Tells which key it was; part of the text. */
  readonly keyId: string
}

/** @returns `v1.<key id>.<iv>.<ciphertext>.<tag>` in base64url: AES-256-GCM, 96-bit IV, 128-bit tag */
export function close(bytes: Buffer, { key, aad, keyId }: Lock): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return ['v1', keyId, ...parts].join('.')
}

/** @throws where the text is of another key or place, or was changed */
export function open(text: string, { key, aad, keyId }: Lock): Buffer {
  const [version, writtenBy, iv, ciphertext, tag, ...rest] = text.split('.')
  if (version !== 'v1' || writtenBy !== keyId || tag === undefined || rest.length > 0)
    throw new Error('not a text of this key')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(iv), { authTagLength: 16 })
    .setAAD(Buffer.from(aad, 'utf8'))
    .setAuthTag(bytes(tag))
  return Buffer.concat([decipher.update(bytes(ciphertext)), decipher.final()])
}

/** Which key closed the text; empty where it is none of ours. */
export function keyIdOf(text: string): string {
  const [version, keyId = ''] = text.split('.')
  return version === 'v1' ? keyId : ''
}

/** 32 bytes for one purpose, always the same for it (HKDF, RFC 5869). */
export function deriveFrom(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), purpose, 32))
}

/** Only the one spelling that `close` writes: the last digit may have bits that mean nothing. */
function bytes(part = ''): Buffer {
  const read = Buffer.from(part, 'base64url')
  if (read.toString('base64url') !== part) throw new Error('not written by us')
  return read
}
