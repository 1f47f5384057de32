import * as api from '@studioops/contracts/backups'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.ts'
import { fileNameOf } from '../../platform/http/attachment.ts'
import type { Authenticator } from '../../platform/http/principal.ts'
import { admit, type Router } from '../../platform/http/route.ts'
import type { BackupService } from './backups.service.ts'

type Dependencies = {
  readonly router: Router
  readonly http: FastifyInstance
  readonly authenticator: Authenticator
  readonly backups: BackupService
}

const place = z.object({ file: z.string().max(100) })

export function registerBackupRoutes(dependencies: Dependencies): void {
  const { router, http, authenticator, backups } = dependencies

  router.serve(api.listBackups, ({ principal: { userId }, language }) =>
    backups.list(userId, language),
  )

  router.serve(api.makeBackup, async ({ principal: { userId } }) => {
    await backups.make(userId)
    return {}
  })

  router.serve(api.checkBackup, async ({ principal: { userId }, body }) => {
    await backups.check(userId, body)
    return {}
  })

  router.serve(api.changeBackupSchedule, async ({ principal: { userId }, body }) => {
    await backups.changeSchedule(userId, body)
    return { schedule: body }
  })

  router.serve(api.prepareBackupDownload, async ({ body: { file } }) => {
    await backups.require(file)
    return { path: `/api/backups/${encodeURIComponent(file)}/content` }
  })

  http.get('/api/backups/:file/content', async (request, reply) => {
    const guard = { method: 'GET', access: 'admin', stepUp: true } as const
    const principal = await admit(guard, { request, authenticator })
    if (principal === undefined) throw new AppError('session.required')
    const params = place.safeParse(request.params)
    if (!params.success) throw new AppError('request.invalid')
    const { file } = params.data
    return reply
      .headers({
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; ${fileNameOf(file)}`,
        'cache-control': 'private, no-store',
      })
      .send(await backups.open(principal.userId, file))
  })
}
