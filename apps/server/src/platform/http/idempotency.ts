import { createHash } from 'node:crypto'
import type { Endpoint } from '@studioops/contracts/endpoint'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { claimKey, findKey, keepReply, releaseKey } from './idempotency.store.ts'
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

export function createIdempotency(database: Database): Idempotency {
  return {
    async once({ request, response, principal, endpoint }, work) {
      const given = request.headers['idempotency-key']
      if (principal === undefined || endpoint.method === 'GET' || given === undefined) return work()
      if (typeof given !== 'string' || !keyForm.test(given))
        throw new AppError('request.unreadable')

      const { userId } = principal
      const key = { userId, route: `${endpoint.method} ${endpoint.path}`, key: given }
      const requestHash = createHash('sha256')
        .update(JSON.stringify([request.params, request.query, request.body]))
        .digest('hex')
      const claimed = await database.asUser(userId, (db) => claimKey(db, key, requestHash))
      if (!claimed) {
        const before = await database.asUser(userId, (db) => findKey(db, key))
        if (before !== undefined && before.request_hash !== requestHash)
          throw new AppError('idempotency.mismatch')
        if (before === undefined || before.status === null)
          throw new AppError('idempotency.in-progress', { retryAfterSeconds: 1 })
        response.code(before.status)
        return before.body
      }
      try {
        const body = await work()
        await database.asUser(userId, (db) =>
          keepReply(db, key, { status: response.statusCode, body }),
        )
        return body
      } catch (error) {
        // What was refused may be tried again with the same key.
        await database.asUser(userId, (db) => releaseKey(db, key))
        throw error
      }
    },
  }
}
