import * as api from '@studioops/contracts/accounts'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Authenticator, Principal } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { Entry } from './accounts.entry.ts'
import type { SecondFactors } from './accounts.second-factor.ts'
import type { AccountService } from './accounts.service.ts'
import type { LiveSession, Sessions } from './accounts.sessions.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly accounts: AccountService
  readonly sessions: Sessions
  readonly entry: Entry
  readonly secondFactors: SecondFactors
  readonly authenticator: Authenticator
}

export function registerAccountRoutes({
  router,
  http,
  accounts,
  sessions,
  entry,
  secondFactors,
  authenticator,
}: Dependencies): void {
  const present = async (live: LiveSession): Promise<api.Session> => ({
    account: await accounts.show(live.userId),
    idleEndsAt: live.expiresAt.toISOString(),
    absoluteEndsAt: live.absoluteEnd.toISOString(),
    mustSetUpSecondFactor: live.lacksSecondFactor,
  })

  router.serve(api.checkJiraToken, async ({ body, request }) =>
    accounts.checkToken({ cloudEmail: undefined, ...body, address: request.ip }),
  )

  router.serve(api.register, async ({ body }) =>
    accounts.register({ email: undefined, language: undefined, ...body }),
  )

  router.serve(api.getSession, async ({ request }) => {
    const live = await sessions.find(request)
    return live === undefined ? {} : { session: await present(live) }
  })

  router.serve(api.signIn, async ({ body, request, response }) => {
    const isKnownDevice = (userId: string) => sessions.knowsDevice(request, userId)
    const who = await accounts.checkPassword({ ...body, address: request.ip, isKnownDevice })
    return { session: await present(await sessions.begin({ request, response }, who)) }
  })

  router.serve(api.extendSession, async ({ request, response }) => ({
    session: await present(await sessions.extend(request, response)),
  }))

  router.serve(api.stepUp, async ({ body, principal, request, response }) => {
    await accounts.confirmPassword(principal.userId, body)
    return {
      session: await present(await sessions.renew({ request, response }, { steppedUp: true })),
    }
  })

  router.serve(api.signOut, async ({ request, response }) => {
    await sessions.end(request, response)
    // Drafts are kept on the server; what the browser remembers of a person is not left to the next.
    response.header('clear-site-data', '"cache", "storage"')
    return {}
  })

  router.serve(api.updatePreferences, async ({ body, principal }) =>
    accounts.changePreferences(principal.userId, body),
  )

  router.serve(api.changePassword, async ({ body, principal, request, response }) => {
    await accounts.changePassword(principal.userId, body)
    await sessions.renew({ request, response })
    await sessions.endAll(principal.userId, principal.family)
    return {}
  })

  router.serve(api.registerLocally, async ({ body, request }) => {
    const { employeeId } = await entry.registerLocally({ ...body, address: request.ip })
    return { employeeId }
  })

  router.serve(api.lookUpInvitation, async ({ body, request }) =>
    entry.lookUpInvitation({ ...body, address: request.ip }),
  )

  router.serve(api.acceptInvitation, async ({ body, request }) => {
    const { employeeId } = await entry.acceptInvitation({ ...body, address: request.ip })
    return { employeeId }
  })

  router.serve(api.resetByLink, async ({ body, request }) => {
    const { userId, employeeId } = await entry.resetByLink({ ...body, address: request.ip })
    await sessions.endAll(userId)
    return { employeeId }
  })

  router.serve(api.resetByJira, async ({ body }) => {
    const { userId, employeeId } = await entry.resetByJira(body)
    await sessions.endAll(userId)
    return { employeeId }
  })

  const listSessions = async ({ userId, family }: Principal) => {
    const all = (await sessions.list(userId)).map((row) => ({
      id: row.family,
      isThisOne: row.family === family,
      ...(row.user_agent === null ? {} : { userAgent: row.user_agent }),
      ...(row.address === null ? {} : { address: row.address }),
      signedInAt: row.signed_in_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
    }))
    // One's own first, whichever was seen last.
    const own = Object.groupBy(all, ({ isThisOne }) => (isThisOne ? 'this' : 'others'))
    return { sessions: [...(own.this ?? []), ...(own.others ?? [])] }
  }

  router.serve(api.listSessions, async ({ principal }) => listSessions(principal))

  router.serve(api.endSession, async ({ principal, params }) => {
    await sessions.endOne(principal.userId, params.sessionId)
    return listSessions(principal)
  })

  router.serve(api.endOtherSessions, async ({ principal }) => {
    await sessions.endAll(principal.userId, principal.family)
    return listSessions(principal)
  })

  router.serve(api.getSecondFactor, async ({ principal }) => secondFactors.show(principal.userId))

  router.serve(api.beginSecondFactor, async ({ principal }) => {
    const { email } = await accounts.show(principal.userId)
    return secondFactors.begin(principal.userId, email)
  })

  router.serve(api.confirmSecondFactor, async ({ principal, body }) => {
    const recoveryCodes = await secondFactors.confirm(principal.userId, body.code)
    sessions.forgetAll()
    return { recoveryCodes }
  })

  router.serve(api.removeSecondFactor, async ({ principal }) =>
    secondFactors.remove(principal.userId),
  )

  router.serve(api.makeRecoveryCodes, async ({ principal }) => ({
    recoveryCodes: await secondFactors.remakeCodes(principal.userId),
  }))

  http.get('/api/account/avatar', async (request, reply) => {
    const door = { method: 'GET', access: 'viewer', beforeSecondFactor: true } as const
    const principal = await admit(door, { request, authenticator })
    const avatar = principal && (await accounts.avatar(principal.userId))
    const { avatar_image: image = null, avatar_media_type: mediaType = null } = avatar ?? {}
    if (image === null || mediaType === null) throw new AppError('route.not-found')
    return (
      reply
        .type(mediaType)
        .header('cache-control', 'private, max-age=3600')
        // A picture from outside may be an SVG with a script in it.
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .send(image)
    )
  })
}
