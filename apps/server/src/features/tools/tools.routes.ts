import * as api from '@studioops/contracts/tools'
import type { Router } from '../../platform/http/route.ts'
import type { ToolService } from './tools.service.ts'

export function registerToolRoutes(router: Router, tools: ToolService): void {
  router.serve(api.listToolServers, async ({ principal, language }) =>
    tools.show({ userId: principal.userId, language }),
  )

  router.serve(api.testToolServer, async ({ principal, language, body }) =>
    tools.test({ userId: principal.userId, language }, body),
  )

  router.serve(api.addToolServer, async ({ principal, language, body }) =>
    tools.add({ userId: principal.userId, language }, body),
  )

  router.serve(api.removeToolServer, async ({ principal, language, params }) =>
    tools.remove({ userId: principal.userId, language }, params.serverId),
  )

  router.serve(api.refreshToolServer, async ({ principal, language, params }) =>
    tools.refresh({ userId: principal.userId, language }, params.serverId),
  )

  router.serve(api.acceptTools, async ({ principal, language, params, body }) =>
    tools.accept({ userId: principal.userId, language }, params.serverId, body.tools),
  )
}
