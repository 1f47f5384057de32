import * as api from '@studioops/contracts/accounts'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { AccountService } from './accounts.service.ts'
import type { LiveSession, Sessions } from './accounts.sessions.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly accounts: AccountService
  readonly sessions: Sessions
  readonly authenticator: Authenticator
}

export function registerAccountRoutes({
  router,
  http,
  accounts,
  sessions,
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
    const who = await accounts.checkPassword({ ...body, address: request.ip })
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
    response.header('clear-site-data', '"cache"')
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
