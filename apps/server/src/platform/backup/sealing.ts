import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import type { Secret } from '../secret/secret.ts'
import { type ByteReader, damaged } from './tar.ts'

/** How the key comes from the passphrase (RFC 7914). */
export const keyDerivation = z.object({
  name: z.literal('scrypt'),
  // An archive of a stranger may not make us use up all memory: 128 · N · r bytes, 1 GB at most.
  N: z
    .int()
    .min(2)
    .max(2 ** 20),
  r: z.int().min(1).max(8),
  p: z.int().min(1).max(4),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
})
export type KeyDerivation = z.output<typeof keyDerivation>

/** N = 2¹⁷, r = 8, p = 1 (security.md 4); tests take a cheaper N. */
export function freshDerivation(N = 2 ** 17): KeyDerivation {
  return { name: 'scrypt', N, r: 8, p: 1, salt: randomBytes(16).toString('hex') }
}

export function deriveKey(passphrase: Secret, { N, r, p, salt }: KeyDerivation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const limits = { N, r, p, maxmem: 256 * N * r }
    scrypt(
      passphrase.reveal().normalize('NFC'),
      Buffer.from(salt, 'hex'),
      32,
      limits,
      (error, key) => (error === null ? resolve(key) : reject(error)),
    )
  })
}

const chunkBytes = 64 * 1024
const tagBytes = 16

/** Number of the chunk, and whether it is the last: what is cut off, moved or repeated does not open. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(index), 3)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/**
 * AES-256-GCM in chunks of 64 KiB, in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár
 * 2015). The key serves one archive only, because its salt does.
 *
 * @param header authenticated with each chunk
 */
export async function* seal(
  bytes: AsyncIterable<Buffer>,
  { key, header }: { readonly key: Buffer; readonly header: Buffer },
): AsyncGenerator<Buffer> {
  let index = 0
  let waiting: Buffer[] = []
  let length = 0
  const sealChunk = (plain: Buffer, isLast: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast))
    index += 1
    cipher.setAAD(header)
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  for await (const chunk of bytes) {
    waiting.push(chunk)
    length += chunk.length
    // A full chunk waits until it is known not to be the last.
    if (length <= chunkBytes) continue
    let all = Buffer.concat(waiting)
    for (; all.length > chunkBytes; all = all.subarray(chunkBytes))
      yield sealChunk(all.subarray(0, chunkBytes), false)
    waiting = [all]
    length = all.length
  }
  yield sealChunk(Buffer.concat(waiting), true)
}

/**
 * @throws AppError `backup.passphrase` where the first chunk does not open, `backup.damaged` where a
 * later one does not
 */
export async function* unseal(
  bytes: ByteReader,
  { key, header }: { readonly key: Buffer; readonly header: Buffer },
): AsyncGenerator<Buffer> {
  const whole = chunkBytes + tagBytes
  let chunk = await bytes.takeMost(whole)
  for (let index = 0; ; index += 1) {
    const next = chunk.length === whole ? await bytes.takeMost(whole) : Buffer.alloc(0)
    const isLast = next.length === 0
    yield openChunk(chunk, { key, header, index, isLast })
    if (isLast) return
    chunk = next
  }
}

type Opening = {
  readonly key: Buffer
  readonly header: Buffer
  readonly index: number
  readonly isLast: boolean
}

function openChunk(chunk: Buffer, { key, header, index, isLast }: Opening): Buffer {
  if (chunk.length < tagBytes) throw damaged()
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, isLast))
  decipher.setAAD(header)
  decipher.setAuthTag(chunk.subarray(-tagBytes))
  const plain = decipher.update(chunk.subarray(0, -tagBytes))
  try {
    decipher.final()
  } catch (cause) {
    throw index === 0 ? new AppError('backup.passphrase', { cause }) : damaged(cause)
  }
  return plain
}
