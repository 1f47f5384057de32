import * as api from '@studioops/contracts/operations'
import type { Router } from '../../platform/http/route.ts'
import type { OutboxService } from './outbox.service.ts'

export function registerOutboxRoutes(router: Router, outbox: OutboxService): void {
  router.serve(api.listOperations, async ({ query, principal, language }) => {
    const shown = await outbox.list(principal.userId, query.limit)
    return { operations: shown.map((each) => outbox.present(each, language)) }
  })

  router.serve(api.checkOperation, async ({ params, principal, language }) => ({
    operation: outbox.present(
      await outbox.check({ userId: principal.userId, ...params }),
      language,
    ),
  }))

  router.serve(api.linkOperation, async ({ params, body, principal, language }) => ({
    operation: outbox.present(
      await outbox.link({ userId: principal.userId, ...params }, body.key),
      language,
    ),
  }))

  router.serve(api.createAnyway, async ({ params, principal, language }) => ({
    operation: outbox.present(
      await outbox.createAnyway({ userId: principal.userId, ...params }),
      language,
    ),
  }))

  router.serve(api.cancelOperation, async ({ params, principal, language }) => ({
    operation: outbox.present(
      await outbox.cancel({ userId: principal.userId, ...params }),
      language,
    ),
  }))

  router.serve(api.continueOperation, async ({ params, principal, language }) => ({
    operation: outbox.present(
      await outbox.continue({ userId: principal.userId, ...params }),
      language,
    ),
  }))
}
