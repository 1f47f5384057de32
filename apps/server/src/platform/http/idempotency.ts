import { createHmac } from 'node:crypto'
import type { Endpoint } from '@studioops/contracts/endpoint'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Keyring } from '../crypto/keyring.ts'
import type { Database } from '../db/database.ts'
import { CommitUnclearError } from '../db/transaction-driver.ts'
import { AppError } from '../errors/app-error.ts'
import * as store from './idempotency.store.ts'
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

/** What is sealed under a key: an answer, or that nobody knows whether there would be one. */
type Kept = { readonly body?: unknown; readonly isUnclear?: true }

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

  function placeOf(asked: Asked, requestHash: string): Place {
    const { userId, route, key } = asked
    if (userId !== undefined) return placeOfPerson(database, { userId, route, key }, requestHash)
    const hashedKey = createHmac('sha256', hashKey).update(`${route} ${key}`).digest('base64url')
    return placeOfVisitor(database, { hashedKey, requestHash })
  }

  /** @returns the stored answer of an earlier request, or undefined when the key is ours now */
  async function claim(place: Place, requestHash: string) {
    const before = await place.claim()
    if (before === undefined) return undefined
    if (before.request_hash !== requestHash) throw new AppError('idempotency.mismatch')
    if (before.status === null)
      throw new AppError('idempotency.in-progress', { retryAfterSeconds: 1 })
    const sealed = typeof before.body === 'string' ? before.body : ''
    const kept = keyring.unseal('idempotency', sealed, new Date()) as Kept | undefined
    // Sealed with a key that is not here: that it was carried out is certain, what came of it is not.
    if (kept === undefined) throw new AppError('idempotency.in-progress', { retryAfterSeconds: 1 })
    if (kept.isUnclear === true) throw new AppError('database.commit-unclear')
    return { status: before.status, body: kept.body }
  }

  return {
    async once(call, work) {
      const asked = askedWith(call)
      if (asked === undefined) return work()
      const { request, response } = call
      const requestHash = hashOf(request, hashKey)
      const place = placeOf(asked, requestHash)
      const before = await claim(place, requestHash)
      if (before !== undefined) {
        response.code(before.status)
        return before.body
      }
      const keep = (status: number, kept: Kept) => {
        const until = new Date(Date.now() + sealedForMs)
        return place.keep({ status, body: keyring.seal('idempotency', kept, until) })
      }
      const body = await work().catch(async (error: unknown) => {
        // What was refused may be tried again with the same key; what may have been done, may not.
        if (!(error instanceof CommitUnclearError)) await place.release()
        else await keep(503, { isUnclear: true }).catch(() => undefined)
        throw error
      })
      // What was done may not, even if its answer cannot be kept.
      await keep(response.statusCode, { body })
      return body
    },
  }
}

/** Where a key and its answer lie: with its person, or with those of visitors. */
type Place = {
  /** @returns what is there; undefined where the key is ours now */
  claim(): Promise<store.KeptReply | undefined>
  keep(reply: { readonly status: number; readonly body: string }): Promise<void>
  release(): Promise<void>
}

function placeOfPerson(database: Database, key: store.IdempotencyKey, requestHash: string): Place {
  const { userId } = key
  return {
    async claim() {
      const isOurs = await database.asUser(userId, (db) => store.claimKey(db, key, requestHash))
      if (isOurs) return undefined
      const found = await database.asUser(userId, (db) => store.findKey(db, key))
      return found ?? { request_hash: requestHash, status: null, body: null }
    },
    keep: (reply) => database.asUser(userId, (db) => store.keepReply(db, key, reply)),
    release: () => database.asUser(userId, (db) => store.releaseKey(db, key)),
  }
}

function placeOfVisitor(database: Database, key: store.VisitorKey): Place {
  return {
    claim: () => database.asVisitor((db) => store.claimVisitorKey(db, key)),
    keep: (reply) => database.asVisitor((db) => store.keepVisitorReply(db, key, reply)),
    release: () => database.asVisitor((db) => store.releaseVisitorKey(db, key)),
  }
}

type Asked = { readonly userId: string | undefined; readonly route: string; readonly key: string }

/** @throws AppError `request.unreadable` for a key that is none */
function askedWith({ request, principal, endpoint }: Call): Asked | undefined {
  const given = request.headers['idempotency-key']
  if (endpoint.method === 'GET' || given === undefined) return undefined
  if (endpoint.repliesSecret === true) return undefined
  if (typeof given !== 'string' || !keyForm.test(given)) throw new AppError('request.unreadable')
  return { userId: principal?.userId, route: `${endpoint.method} ${endpoint.path}`, key: given }
}

function hashOf({ params, query, body }: FastifyRequest, key: Buffer): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([params, query, body]))
    .digest('hex')
}
