import { createHmac } from 'node:crypto'
import { compare, hash } from '@node-rs/bcrypt'
import { AppError } from '../errors/app-error.ts'

/** Hashing of passwords, off the event loop and never more than the machine can bear (ID-4). */
export type Passwords = {
  /** @throws AppError `password.busy` when too many wait already */
  hash(password: string): Promise<string>
  /**
   * @param hashed the stored hash; undefined for an unknown person, which costs the same time
   * @throws AppError `password.busy`
   */
  verify(password: string, hashed: string | undefined): Promise<boolean>
}

type Options = { readonly cost?: number; readonly atOnce?: number; readonly waitingMax?: number }

const scheme = 'b1$'

/**
 * bcrypt over base64(HMAC-SHA-256(pepper, NFKC(password))): bcrypt alone would cut at 72 bytes, 36
 * Hebrew letters, without a word.
 */
export function createPasswords(pepper: Buffer | (() => Buffer), options: Options = {}): Passwords {
  const { cost = 12, atOnce = 2, waitingMax = 20 } = options
  const inTurn = createQueue({ atOnce, waitingMax })
  const key = typeof pepper === 'function' ? pepper : () => pepper
  const prepare = (password: string) =>
    createHmac('sha256', key()).update(password.normalize('NFKC'), 'utf8').digest('base64')
  const nobody = inTurn(async () => hash(prepare('nobody has this password'), { cost }))
  nobody.catch(() => undefined)

  return {
    hash: async (password) => scheme + (await inTurn(() => hash(prepare(password), { cost }))),
    async verify(password, hashed) {
      const known = hashed?.startsWith(scheme) === true
      const against = known ? hashed.slice(scheme.length) : await nobody
      const matches = await inTurn(() => compare(prepare(password), against))
      return known && matches
    },
  }
}

function createQueue({ atOnce, waitingMax }: { atOnce: number; waitingMax: number }) {
  let running = 0
  const waiting: (() => void)[] = []
  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax)
        throw new AppError('password.busy', { facts: { seconds: 5 }, retryAfterSeconds: 5 })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      // A permit goes to the next in line, or back; it is never lost.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
