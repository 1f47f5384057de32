import { createHmac } from 'node:crypto'
import type { Endpoint } from '@studioops/contracts/endpoint'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Keyring } from '../crypto/keyring.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import {
  claimKey,
  findKey,
  type IdempotencyKey,
  keepReply,
  releaseKey,
} from './idempotency.store.ts'
import type { Principal } from './principal.ts'

type Call = {
  readonly request: FastifyRequest
  readonly response: FastifyReply
  readonly principal: Principal | undefined
  readonly endpoint: Endpoint
}

/** Carries a request with an `Idempotency-Key` out once; a repetition gets the first answer. */
export type Idempotency = {
  /** @throws AppError `idempotency.mismatch`, `idempotency.in-progress`, and what `work` throws */
  once(call: Call, work: () => Promise<unknown>): Promise<unknown>
}

const keyForm = /^[\x21-\x7e]{1,128}$/

/** Long enough for the day that an answer is kept. */
const sealedForMs = 25 * 3_600_000

/**
 * Answers are kept sealed and requests as a keyed hash: both may hold a secret that is shown or given
 * only once, and neither may be read or guessed from a copy of the database (SEC-1).
 */
export function createIdempotency(
  database: Database,
  keyring: Pick<Keyring, 'seal' | 'unseal' | 'deriveKey'>,
): Idempotency {
  const hashKey = keyring.deriveKey('idempotency requests')

  /** @returns the stored answer of an earlier request, or undefined when the key is ours now */
  async function claim(key: IdempotencyKey, requestHash: string) {
    const claimed = await database.asUser(key.userId, (db) => claimKey(db, key, requestHash))
    if (claimed) return undefined
    const before = await database.asUser(key.userId, (db) => findKey(db, key))
    if (before !== undefined && before.request_hash !== requestHash)
      throw new AppError('idempotency.mismatch')
    if (before === undefined || before.status === null)
      throw new AppError('idempotency.in-progress', { retryAfterSeconds: 1 })
    const sealed = typeof before.body === 'string' ? before.body : ''
    const kept = keyring.unseal('idempotency', sealed, new Date()) as { body?: unknown } | undefined
    // Sealed with a key that is not here: that it was carried out is certain, what came of it is not.
    if (kept === undefined) throw new AppError('idempotency.in-progress', { retryAfterSeconds: 1 })
    return { status: before.status, body: kept.body }
  }

  return {
    async once(call, work) {
      const key = keyOf(call)
      if (key === undefined) return work()
      const { request, response } = call
      const before = await claim(key, hashOf(request, hashKey))
      if (before !== undefined) {
        response.code(before.status)
        return before.body
      }
      const body = await work().catch(async (error: unknown) => {
        // What was refused may be tried again with the same key.
        await database.asUser(key.userId, (db) => releaseKey(db, key))
        throw error
      })
      // What was done may not, even if its answer cannot be kept.
      const until = new Date(Date.now() + sealedForMs)
      const sealed = keyring.seal('idempotency', { body }, until)
      const reply = { status: response.statusCode, body: sealed }
      await database.asUser(key.userId, (db) => keepReply(db, key, reply))
      return body
    },
  }
}

/** @throws AppError `request.unreadable` for a key that is none */
function keyOf({ request, principal, endpoint }: Call): IdempotencyKey | undefined {
  const given = request.headers['idempotency-key']
  if (principal === undefined || endpoint.method === 'GET' || given === undefined) return undefined
  if (endpoint.repliesSecret === true) return undefined
  if (typeof given !== 'string' || !keyForm.test(given)) throw new AppError('request.unreadable')
  return { userId: principal.userId, route: `${endpoint.method} ${endpoint.path}`, key: given }
}

function hashOf({ params, query, body }: FastifyRequest, key: Buffer): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([params, query, body]))
    .digest('hex')
}
