import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { limits } from '@studioops/contracts/limits'
import type { Role } from '@studioops/contracts/accounts'
import { jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Audit } from '../../platform/audit/audit.ts'
import { isSameText } from '../../platform/crypto/keyring.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type {
  Authenticator,
  HttpRequest,
  HttpResponse,
  Principal,
} from '../../platform/http/principal.ts'
import * as store from './accounts.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  /** Signs the tokens; 32 bytes. */
  readonly signingKey: Buffer
  readonly idleMinutes: number
  /** Whether people reach the product by https; then cookies are `__Host-` and Secure. */
  readonly isSecure: () => boolean
  /** Origins from which the own page is served. */
  readonly ownOrigins: (request: HttpRequest) => readonly string[]
  readonly clock?: () => Date
}

export type LiveSession = Principal & { readonly expiresAt: Date; readonly absoluteEnd: Date }

export type Sessions = ReturnType<typeof createSessions>

/** A session that was looked up counts for this long without asking again. */
const trustedForMs = 1_000

/**
 * Sessions (D-5, ID-8, ID-9): a signed token in an HttpOnly cookie that names a row; the row says
 * whether the session still lives. Idle time is prolonged only by `extend`, which the page calls
 * while the person acts.
 */
export function createSessions(dependencies: Dependencies) {
  const { database, audit, signingKey, idleMinutes, isSecure, ownOrigins } = dependencies
  const clock = dependencies.clock ?? (() => new Date())
  const known = new LRUCache<string, LiveSession>({ max: 5_000, ttl: trustedForMs })
  const verified = new LRUCache<string, { userId: string; jti: string; expiresAt: number }>({
    max: 5_000,
  })

  const prefix = () => (isSecure() ? '__Host-' : '')
  const cookieOf = (request: HttpRequest, name: string) => request.cookies[`${prefix()}${name}`]

  async function readToken(token: string) {
    const before = verified.get(token)
    if (before !== undefined) return before
    const { payload } = await jwtVerify(token, signingKey, {
      algorithms: ['HS256'],
      issuer: 'studioops',
      audience: 'studioops',
      typ: 'at+jwt',
      currentDate: clock(),
    })
    const { sub = '', jti = '', exp = 0 } = payload
    const claims = { userId: sub, jti, expiresAt: exp * 1_000 }
    verified.set(token, claims)
    return claims
  }

  /** @returns undefined where there is no valid session; why not is nobody's business */
  async function find(request: HttpRequest): Promise<LiveSession | undefined> {
    const token = cookieOf(request, 'so_session')
    if (token === undefined) return undefined
    const claims = await readToken(token).catch(() => undefined)
    const now = clock()
    if (claims === undefined || claims.expiresAt <= now.getTime()) return undefined
    const cached = known.get(claims.jti)
    if (cached !== undefined && cached.expiresAt > now) return cached
    const row = await database.asUser(claims.userId, (db) =>
      store.findLiveSession(db, claims.jti, now),
    )
    if (row === undefined) return undefined
    const live: LiveSession = {
      userId: row.user_id,
      sessionId: row.jti,
      role: row.role as Role,
      expiresAt: row.expires_at,
      absoluteEnd: row.absolute_end,
    }
    known.set(row.jti, live)
    return live
  }

  async function setCookies(response: HttpResponse, session: LiveSession): Promise<void> {
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: '1' })
      .setIssuer('studioops')
      .setAudience('studioops')
      .setSubject(session.userId)
      .setJti(session.sessionId)
      .setIssuedAt(clock())
      .setExpirationTime(session.expiresAt)
      .sign(signingKey)
    const shared = { path: '/', secure: isSecure(), sameSite: 'strict' as const }
    const maxAge = Math.ceil((session.absoluteEnd.getTime() - clock().getTime()) / 1_000)
    // The cookie outlives the token, so that an idle end can be told from never having signed in.
    response.setCookie(`${prefix()}so_session`, token, { ...shared, httpOnly: true, maxAge })
    const csrf = csrfToken(session.sessionId)
    response.setCookie(`${prefix()}so_csrf`, csrf, { ...shared, httpOnly: false, maxAge })
  }

  /** `<nonce>.<HMAC(session id, nonce)>`: the page reads it from its cookie and sends it as a header. */
  function csrfToken(sessionId: string, nonce = randomBytes(12).toString('base64url')): string {
    const mac = createHmac('sha256', signingKey).update(`csrf|${sessionId}|${nonce}`)
    return `${nonce}.${mac.digest('base64url')}`
  }

  function requireCsrf(request: HttpRequest, sessionId: string): void {
    const header = request.headers['x-csrf-token']
    const cookie = cookieOf(request, 'so_csrf')
    const nonce = typeof header === 'string' ? header.split('.')[0] : undefined
    const isOurs =
      typeof header === 'string' &&
      cookie !== undefined &&
      isSameText(header, cookie) &&
      isSameText(header, csrfToken(sessionId, nonce))
    if (!isOurs) throw new AppError('request.forged')
  }

  function requireOwnOrigin(request: HttpRequest): void {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const isOwnOrigin = origin === undefined || ownOrigins(request).includes(origin)
    // A listed origin may be another site; no page can make its browser name another origin.
    const isNamed = origin !== undefined && isOwnOrigin
    const isOwnSite = isNamed || site === undefined || site === 'same-origin' || site === 'none'
    if (!isOwnOrigin || !isOwnSite) throw new AppError('request.forged')
  }

  const idleEnd = (now: Date, absoluteEnd: Date) =>
    new Date(Math.min(now.getTime() + idleMinutes * 60_000, absoluteEnd.getTime()))

  const authenticator: Authenticator = {
    identify: find,
    requireOwnPage(request, principal) {
      const type = request.headers['content-type']
      if (request.body !== undefined && type?.startsWith('application/json') !== true)
        throw new AppError('request.unsupported-type')
      requireOwnOrigin(request)
      if (principal !== undefined) requireCsrf(request, principal.sessionId)
    },
  }

  return {
    authenticator,
    find,

    async begin(
      { request, response }: { request: HttpRequest; response: HttpResponse },
      { userId, role }: { userId: string; role: Role },
    ): Promise<LiveSession> {
      const now = clock()
      const absoluteEnd = new Date(now.getTime() + limits.sessionAbsoluteHours * 3_600_000)
      const session = {
        userId,
        role,
        sessionId: randomUUID(),
        absoluteEnd,
        expiresAt: idleEnd(now, absoluteEnd),
      }
      await database.asUser(userId, (db) =>
        store.insertSession(db, {
          jti: session.sessionId,
          userId,
          expiresAt: session.expiresAt,
          absoluteEnd,
          userAgent: request.headers['user-agent'],
          address: request.ip,
        }),
      )
      await setCookies(response, session)
      return session
    },

    /** The person acted: the idle time begins anew, up to the absolute end. */
    async extend(request: HttpRequest, response: HttpResponse): Promise<LiveSession> {
      const live = await find(request)
      if (live === undefined) throw new AppError('session.expired')
      const now = clock()
      const extended = { ...live, expiresAt: idleEnd(now, live.absoluteEnd) }
      await database.asUser(live.userId, (db) =>
        store.extendSession(db, { jti: live.sessionId, expiresAt: extended.expiresAt, now }),
      )
      known.delete(live.sessionId)
      await setCookies(response, extended)
      return extended
    },

    async end(request: HttpRequest, response: HttpResponse): Promise<void> {
      const live = await find(request)
      if (live !== undefined) {
        const { userId: actorId, sessionId } = live
        await database.asUser(actorId, async (db) => {
          await store.revokeSession(db, sessionId, clock())
          await audit.record({ actorId, action: 'session.end', outcome: 'done' }, db)
        })
        known.delete(live.sessionId)
      }
      for (const name of ['so_session', 'so_csrf'])
        response.clearCookie(`${prefix()}${name}`, { path: '/', secure: isSecure() })
    },

    /** After a change of password: only the session that changed it goes on. */
    async endOthers(principal: Principal): Promise<void> {
      const ended = await database.asUser(principal.userId, (db) =>
        store.revokeOtherSessions(db, {
          userId: principal.userId,
          keep: principal.sessionId,
          now: clock(),
        }),
      )
      for (const jti of ended) known.delete(jti)
    },

    forgetAll: () => known.clear(),
  }
}
