import * as api from '@studioops/contracts/connections'
import type { Router } from '../../platform/http/route.ts'
import type { OutboxService } from '../outbox/index.ts'
import type { ConnectionService } from './connections.service.ts'

type Dependencies = {
  readonly router: Router
  readonly connections: ConnectionService
  readonly outbox: Pick<OutboxService, 'countOpen'>
}

export function registerConnectionRoutes({ router, connections, outbox }: Dependencies): void {
  router.serve(api.listConnections, async ({ principal, language }) =>
    connections.show(principal.userId, language),
  )

  router.serve(api.testJira, async ({ principal, body, language }) =>
    connections.testJira(principal.userId, { token: body.token, language }),
  )

  router.serve(api.replaceJiraToken, async ({ principal, body, language }) =>
    connections.replaceJiraToken(principal.userId, { ...body, language }),
  )

  router.serve(api.saveModel, async ({ principal, body, language }) =>
    connections.saveModel(principal.userId, { form: body, language }),
  )

  router.serve(api.testModel, async ({ principal, body, language }) =>
    connections.testModel(principal.userId, { form: body, language }),
  )

  router.serve(api.removeModel, async ({ principal, language }) =>
    connections.removeModel(principal.userId, language),
  )

  router.serve(api.getDashboard, async ({ principal }) => ({
    features: await connections.features(principal.userId),
    outboxOpen: await outbox.countOpen(principal.userId),
  }))
}
