import { Readable } from 'node:stream'
import * as api from '@studioops/contracts/deletions'
import type { FastifyInstance } from 'fastify'
import { writeTar } from '../../platform/backup/tar.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { fileNameOf } from '../../platform/http/attachment.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { ProjectDeletion } from './projects.deletion.ts'
import type { ProjectExport } from './projects.export.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly deletion: ProjectDeletion
  readonly archive: ProjectExport
}

export function registerDeletionRoutes(dependencies: Dependencies): void {
  const { router, http, authenticator, deletion, archive } = dependencies
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

  http.get('/api/projects/:projectId/archive', async (request, reply) => {
    const principal = await admit({ method: 'GET', access: 'member' }, { request, authenticator })
    if (principal === undefined) throw new AppError('session.required')
    const params = api.projectArchive.params.safeParse(request.params)
    const query = api.projectArchive.query.safeParse(request.query)
    if (!params.success || !query.success) throw new AppError('project.not-found')
    const asked = { userId: principal.userId, ...params.data, ...query.data }
    const { name, entries } = await archive.open(asked)
    return reply
      .headers({
        'content-type': 'application/x-tar',
        'content-disposition': `attachment; ${fileNameOf(name)}`,
        'cache-control': 'private, no-store',
      })
      .send(Readable.from(writeTar(entries)))
  })

  router.serve(api.listReceipts, async ({ principal: { userId } }) => ({
    receipts: await deletion.receipts(userId),
  }))
}
