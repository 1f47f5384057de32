import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { limits } from '@studioops/contracts/limits'
import type { Role } from '@studioops/contracts/accounts'
import { jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Audit } from '../../platform/audit/audit.ts'
import { isSameText } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type {
  Authenticator,
  HttpRequest,
  HttpResponse,
  Principal,
} from '../../platform/http/principal.ts'
import type { Log } from '../../platform/log/log.ts'
import { createSessionWatch } from './accounts.session-watch.ts'
import * as store from './accounts.sessions.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly log: Log
  /** Signs the tokens; 32 bytes. */
  readonly signingKey: Buffer
  readonly idleMinutes: number
  /** Whether people reach the product by https; then cookies are `__Host-` and Secure. */
  readonly isSecure: () => boolean
  /** Origins from which the own page is served. */
  readonly ownOrigins: (request: HttpRequest) => readonly string[]
  readonly clock?: () => Date
}

export type LiveSession = Principal & {
  readonly expiresAt: Date
  readonly absoluteEnd: Date
  /** Another id has taken its place a moment ago. */
  readonly isReplaced: boolean
}

export type Sessions = ReturnType<typeof createSessions>

type Exchange = { readonly request: HttpRequest; readonly response: HttpResponse }

/** A session that was looked up counts for this long without asking again. */
const trustedForMs = 1_000
/** Parallel tabs renew with the same id; within this time they get the same new one. */
const reuseGraceMs = 10_000
const deviceDays = 365

/**
 * Sessions (D-5, ID-8, ID-9): a signed token in an HttpOnly cookie that names a row; the row says
 * whether the session still lives. Idle time is prolonged only by `extend`, which the page calls
 * while the person acts and which takes the refresh id in turn for the next one.
 */
export function createSessions(dependencies: Dependencies) {
  const { database, audit, log, signingKey, idleMinutes, isSecure } = dependencies
  const { ownOrigins } = dependencies
  const clock = dependencies.clock ?? (() => new Date())
  const known = new LRUCache<string, store.LiveRow>({ max: 5_000, ttl: trustedForMs })
  const verified = new LRUCache<string, { userId: string; jti: string; expiresAt: number }>({
    max: 5_000,
  })
  const watch = createSessionWatch({
    log,
    findEnd: (userId, family) =>
      database.readAsUser(userId, (db) => store.findFamilyEnd(db, family, clock())),
    clock,
  })

  const prefix = () => (isSecure() ? '__Host-' : '')
  const cookieOf = (request: HttpRequest, name: string) => request.cookies[`${prefix()}${name}`]
  const macOf = (purpose: string, text: string) =>
    createHmac('sha256', signingKey).update(`${purpose}|${text}`).digest('base64url')

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
    if (claims === undefined || claims.expiresAt <= clock().getTime()) return undefined
    return resume(claims.userId, claims.jti)
  }

  async function resume(userId: string, jti: string): Promise<LiveSession | undefined> {
    const now = clock()
    const cached = known.get(jti)
    if (cached !== undefined && cached.expires_at > now) return describe(cached, now)
    const row = await database.readAsUser(userId, (db) => store.findLiveSession(db, jti, now))
    if (row === undefined) return undefined
    known.set(row.jti, row)
    return describe(row, now)
  }

  async function setCookies(
    response: HttpResponse,
    session: LiveSession,
    refresh: string,
  ): Promise<void> {
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
    response.setCookie(`${prefix()}so_refresh`, refresh, { ...shared, httpOnly: true, maxAge })
    const csrf = csrfToken(session.sessionId)
    response.setCookie(`${prefix()}so_csrf`, csrf, { ...shared, httpOnly: false, maxAge })
  }

  /** `<nonce>.<HMAC(session id, nonce)>`: the page reads it from its cookie and sends it as a header. */
  function csrfToken(sessionId: string, nonce = randomBytes(12).toString('base64url')): string {
    return `${nonce}.${macOf('csrf', `${sessionId}|${nonce}`)}`
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
    // A listed origin is another host of the same site; from elsewhere no cookie would come along.
    const isListed = site === 'same-site' && origin !== undefined
    const isOwnSite = isListed || site === undefined || site === 'same-origin' || site === 'none'
    if (!isOwnOrigin || !isOwnSite) throw new AppError('request.forged')
  }

  const idleEnd = (now: Date, absoluteEnd: Date) =>
    new Date(Math.min(now.getTime() + idleMinutes * 60_000, absoluteEnd.getTime()))

  const authenticator: Authenticator = {
    identify: find,
    resume,
    requireOwnPage(request, principal) {
      const type = request.headers['content-type']
      if (request.body !== undefined && !isOwnType(type))
        throw new AppError('request.unsupported-type')
      requireOwnOrigin(request)
      if (principal !== undefined) requireCsrf(request, principal.sessionId)
    },
    whenEnded: watch.add,
  }

  /** A row under a new id; what it takes the place of ends in the same transaction. */
  async function insert(
    { request, response }: Exchange,
    given: Begun & { readonly instead: Replaced | undefined },
  ): Promise<LiveSession> {
    const now = clock()
    const { userId, family, absoluteEnd, steppedUpAt, instead } = given
    const jti = randomUUID()
    const refresh = randomBytes(32).toString('base64url')
    const row = await database.asUser(userId, async (db) => {
      if (instead !== undefined) await endBefore(db, instead, now)
      await store.insertSession(db, {
        jti,
        userId,
        family,
        refreshHash: hashOf(refresh),
        expiresAt: idleEnd(now, absoluteEnd),
        absoluteEnd,
        steppedUpAt,
        userAgent: request.headers['user-agent'],
        address: request.ip,
        now,
      })
      return store.findLiveSession(db, jti, now)
    })
    if (row === undefined) throw new AppError('session.required')
    if (instead !== undefined) forget(family)
    const live = describe(row, now)
    await setCookies(response, live, refresh)
    return live
  }

  async function endBefore(db: Db, { family, jti, isAtOnce }: Replaced, now: Date) {
    if (isAtOnce) return store.revokeFamily(db, family, now)
    const until = new Date(now.getTime() + reuseGraceMs)
    await store.replaceSession(db, { jti, now, until })
  }

  /**
   * The same sign-in goes on under new ids: after a change of password, which ends the old ones at
   * once, or after a step-up, where requests of other tabs that are under way may still finish.
   */
  async function renew(
    exchange: Exchange,
    change: { readonly steppedUp?: boolean } = {},
  ): Promise<LiveSession> {
    const live = await find(exchange.request)
    if (live === undefined) throw new AppError('session.expired')
    const { userId, family, absoluteEnd, sessionId: jti } = live
    const steppedUpAt = change.steppedUp === true ? clock() : undefined
    const instead = { family, jti, isAtOnce: steppedUpAt === undefined }
    return insert(exchange, { userId, family, absoluteEnd, steppedUpAt, instead })
  }

  function forget(family: string | undefined): void {
    known.clear()
    watch.check(family)
  }

  /** @returns the refresh id that follows; undefined where this one was used before */
  async function rotate(live: LiveSession, presented: string, now: Date) {
    const extended = { jti: live.sessionId, expiresAt: idleEnd(now, live.absoluteEnd), now }
    const next = macOf('refresh', presented)
    return database.asUser(live.userId, async (db) => {
      const row = await store.lockRefresh(db, live.sessionId)
      if (row === undefined) throw new AppError('session.expired')
      const hash = hashOf(presented)
      if (row.refresh_hash === hash) {
        const rotation = { from: hash, to: hashOf(next) }
        await store.extendSession(db, { ...extended, rotation })
        return { next, expiresAt: extended.expiresAt }
      }
      const age = now.getTime() - (row.rotated_at?.getTime() ?? 0)
      if (row.previous_refresh_hash === hash && age <= reuseGraceMs) {
        await store.extendSession(db, { ...extended, rotation: undefined })
        return { next, expiresAt: extended.expiresAt }
      }
      await store.revokeFamily(db, live.family, now)
      return undefined
    })
  }

  return {
    authenticator,
    find,
    renew,

    /** The person has proved who it is. What this browser had before ends. */
    async begin(exchange: Exchange, { userId }: { userId: string }): Promise<LiveSession> {
      const before = await find(exchange.request)
      if (before !== undefined) await end(exchange.request)
      const absoluteEnd = new Date(clock().getTime() + limits.sessionAbsoluteHours * 3_600_000)
      const live = await insert(exchange, {
        userId,
        family: randomUUID(),
        absoluteEnd,
        steppedUpAt: undefined,
        instead: undefined,
      })
      rememberDevice(exchange.response, userId)
      return live
    },

    /**
     * The person acted: the idle time begins anew, up to the absolute end.
     *
     * @throws AppError `session.expired`; `session.replayed` when the refresh id was used before
     */
    async extend(request: HttpRequest, response: HttpResponse): Promise<LiveSession> {
      const live = await find(request)
      const presented = cookieOf(request, 'so_refresh')
      if (live === undefined || presented === undefined) throw new AppError('session.expired')
      // The browser has its new cookies already; older ones must not take their place.
      if (live.isReplaced) return live
      const rotated = await rotate(live, presented, clock())
      known.delete(live.sessionId)
      if (rotated === undefined) {
        forget(live.family)
        await audit.record({
          actorId: live.userId,
          action: 'session.replay',
          target: `session:${live.family}`,
          outcome: 'refused',
        })
        log.warn({ session_family: live.family }, 'refresh id used twice, sign-in ended')
        throw new AppError('session.replayed')
      }
      const extended = { ...live, expiresAt: rotated.expiresAt }
      await setCookies(response, extended, rotated.next)
      return extended
    },

    /** @returns the session that was ended, if there was one */
    async end(request: HttpRequest, response: HttpResponse): Promise<LiveSession | undefined> {
      const live = await end(request)
      for (const name of ['so_session', 'so_refresh', 'so_csrf'])
        response.clearCookie(`${prefix()}${name}`, { path: '/', secure: isSecure() })
      return live
    },

    /** Ends every sign-in of the person, but the one to keep. @returns how many sessions ended */
    async endAll(userId: string, keep?: string): Promise<number> {
      const ended = await database.asUser(userId, async (db) => {
        const count = await store.revokeSessions(db, { userId, keep, now: clock() })
        const facts = { sessions: count }
        if (count > 0)
          await audit.record({ ...revoking(userId), target: `user:${userId}`, facts }, db)
        return count
      })
      forget(undefined)
      watch.checkAll()
      return ended
    },

    async endOne(userId: string, family: string): Promise<void> {
      await database.asUser(userId, async (db) => {
        await store.revokeFamily(db, family, clock())
        await audit.record({ ...revoking(userId), target: `session:${family}` }, db)
      })
      forget(family)
    },

    list: (userId: string) =>
      database.asUser(userId, (db) => store.listSessions(db, { userId, now: clock() })),

    /** Whether this person has signed in from this browser before (security.md 3.3). */
    knowsDevice(request: HttpRequest, userId: string): boolean {
      const [id = '', mac = ''] = cookieOf(request, 'so_device')?.split('.') ?? []
      return isSameText(mac, macOf('device', `${userId}|${id}`))
    },

    /** Somebody, perhaps on another node, ended a sign-in; without a family perhaps any. */
    hear(family?: string): void {
      known.clear()
      if (family === undefined) watch.checkAll()
      else watch.check(family)
    },

    forgetAll: () => {
      known.clear()
      watch.checkAll()
    },

    [Symbol.dispose]: () => watch.close(),
  }

  async function end(request: HttpRequest): Promise<LiveSession | undefined> {
    const live = await find(request)
    if (live === undefined) return undefined
    const { userId: actorId, family } = live
    await database.asUser(actorId, async (db) => {
      await store.revokeFamily(db, family, clock())
      await audit.record({ actorId, action: 'session.end', outcome: 'done' }, db)
    })
    forget(family)
    return live
  }

  function rememberDevice(response: HttpResponse, userId: string): void {
    const id = randomBytes(16).toString('base64url')
    const value = `${id}.${macOf('device', `${userId}|${id}`)}`
    const maxAge = deviceDays * 86_400
    const options = { path: '/', secure: isSecure(), sameSite: 'strict', httpOnly: true } as const
    response.setCookie(`${prefix()}so_device`, value, { ...options, maxAge })
  }
}

/** What a new session takes the place of. */
type Replaced = { readonly family: string; readonly jti: string; readonly isAtOnce: boolean }

type Begun = {
  readonly userId: string
  readonly family: string
  readonly absoluteEnd: Date
  readonly steppedUpAt: Date | undefined
}

const revoking = (actorId: string) =>
  ({ actorId, action: 'session.revoke', outcome: 'done' }) as const

const stepUpMs = limits.stepUpMinutes * 60_000

function describe(row: store.LiveRow, now: Date): LiveSession {
  const steppedUpAt = row.stepped_up_at?.getTime() ?? -Infinity
  return {
    userId: row.user_id,
    sessionId: row.jti,
    family: row.family ?? row.jti,
    // The column's check constraint lists exactly these.
    role: row.role as Role,
    isSteppedUp: now.getTime() - steppedUpAt < stepUpMs,
    lacksSecondFactor: row.second_factor_required && row.second_factor_since === null,
    expiresAt: row.expires_at,
    absoluteEnd: row.absolute_end,
    isReplaced: row.replaced_at !== null,
  }
}

/** What no form of another page can send without being asked first: JSON, and pieces of an upload. */
function isOwnType(type = ''): boolean {
  return type.startsWith('application/json') || type === 'application/offset+octet-stream'
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
