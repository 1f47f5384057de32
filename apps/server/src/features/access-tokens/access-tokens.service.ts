import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type AccessScope, type AccessToken, accessScope } from '@studioops/contracts/access-tokens'
import { limits } from '@studioops/contracts/limits'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import * as store from './access-tokens.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly clock?: () => Date
}

/** Whom a program acts for, and what it may do. */
export type TokenHolder = {
  readonly userId: string
  readonly tokenId: string
  readonly scopes: readonly AccessScope[]
  readonly expiresAt: Date
}

type Wanted = {
  readonly name: string
  readonly scopes: readonly AccessScope[]
  readonly days: number
}

const dayMs = 24 * 60 * 60_000
const keptDays = 30
/** Names the product, so that those who look for leaked secrets can tell it. */
const prefix = 'sops_'

export type AccessTokens = ReturnType<typeof createAccessTokens>

/** Tokens by which programs act for a person: made, listed, ended, recognised. */
export function createAccessTokens({ database, audit, ...given }: Dependencies) {
  const clock = given.clock ?? (() => new Date())
  const shown = async (db: Db) =>
    (await store.listTokens(db, limits.accessTokensMax * 2)).map((row) => present(row, clock()))

  return {
    list: (userId: string): Promise<AccessToken[]> => database.asUser(userId, shown),

    /** @throws AppError `access-token.too-many` */
    async make(userId: string, { name, scopes, days }: Wanted) {
      const secret = `${prefix}${randomBytes(32).toString('base64url')}`
      const now = clock()
      const token = {
        id: randomUUID(),
        userId,
        name,
        scopes: accessScope.options.filter((scope) => scopes.includes(scope)),
        hash: hashOf(secret),
        hint: secret.slice(-4),
        now,
        expiresAt: new Date(now.getTime() + days * dayMs),
      }
      const made = await database.asUser(userId, async (db) => {
        const living = (await shown(db)).filter(({ state }) => state === 'valid')
        if (living.length >= limits.accessTokensMax)
          throw new AppError('access-token.too-many', { facts: { limit: limits.accessTokensMax } })
        await store.insertToken(db, token)
        const target = `access-token:${token.id}`
        const facts = { scopes: token.scopes.join(' '), days }
        const entry = { actorId: userId, action: 'access-token.make', target, facts } as const
        await audit.record({ ...entry, outcome: 'done' }, db)
        return (await shown(db)).find(({ id }) => id === token.id)
      })
      if (made === undefined) throw new AppError('access-token.not-found')
      return { token: made, secret }
    },

    /** @throws AppError `access-token.not-found` */
    async revoke(userId: string, tokenId: string): Promise<AccessToken[]> {
      return database.asUser(userId, async (db) => {
        if (!(await store.revokeToken(db, tokenId, clock())))
          throw new AppError('access-token.not-found')
        const target = `access-token:${tokenId}`
        const entry = { actorId: userId, action: 'access-token.revoke', target } as const
        await audit.record({ ...entry, outcome: 'done' }, db)
        return shown(db)
      })
    },

    /** @returns undefined for what is no living token of somebody who may sign in */
    async recognise(secret: string): Promise<TokenHolder | undefined> {
      if (!secret.startsWith(prefix)) return undefined
      const used = await database.asVisitor((db) => store.useToken(db, hashOf(secret), clock()))
      if (used === undefined) return undefined
      return {
        userId: used.user_id,
        tokenId: used.token_id,
        scopes: known(used.scopes),
        expiresAt: used.expires_at,
      }
    },

    /** For the sweeper. */
    sweep: (db: Db, now: Date) =>
      store.deleteOldTokens(db, new Date(now.getTime() - keptDays * dayMs)),
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** A scope of another release says nothing. */
function known(scopes: readonly string[]): AccessScope[] {
  return accessScope.options.filter((scope) => scopes.includes(scope))
}

function present(row: store.TokenRow, now: Date): AccessToken {
  const isExpired = row.expires_at <= now
  return {
    id: row.id,
    name: row.name,
    hint: row.token_hint,
    scopes: known(row.scopes),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ...withoutAbsent({ lastUsedAt: row.last_used_at?.toISOString() }),
    state: row.revoked_at !== null ? 'revoked' : isExpired ? 'expired' : 'valid',
  }
}
