import * as api from '@studioops/contracts/deletions'
import type { Router } from '../../platform/http/route.ts'
import type { ProjectDeletion } from './projects.deletion.ts'

export function registerDeletionRoutes(router: Router, deletion: ProjectDeletion): void {
  router.serve(api.previewDeletion, async ({ principal: { userId }, params }) => ({
    preview: await deletion.preview({ userId, ...params }),
  }))

  router.serve(api.trashProject, async ({ principal: { userId }, params, body }) => ({
    trashed: await deletion.trash({ userId, ...params }, body),
  }))

  router.serve(api.listTrash, async ({ principal: { userId } }) => ({
    projects: await deletion.trashed(userId),
  }))

  router.serve(api.restoreProject, async ({ principal: { userId }, params }) => {
    await deletion.restore({ userId, ...params })
    return params
  })

  router.serve(api.purgeProject, async ({ principal: { userId }, params, body }) => ({
    receipt: await deletion.purge({ userId, ...params }, body.name),
  }))

  router.serve(api.listReceipts, async ({ principal: { userId } }) => ({
    receipts: await deletion.receipts(userId),
  }))
}
