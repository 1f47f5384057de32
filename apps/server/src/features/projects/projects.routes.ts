import * as api from '@studioops/contracts/projects'
import type { Router } from '../../platform/http/route.ts'
import type { ProjectService } from './projects.service.ts'

export function registerProjectRoutes(router: Router, projects: ProjectService): void {
  router.serve(api.listProjects, async ({ principal: { userId }, query }) => ({
    projects: await projects.list(userId, query),
  }))

  router.serve(api.createProject, async ({ principal: { userId }, body }) => ({
    project: await projects.create(userId, body),
  }))

  router.serve(api.readProject, async ({ principal: { userId }, params }) => ({
    project: await projects.show({ userId, ...params }),
  }))

  router.serve(api.changeProject, async ({ principal: { userId }, params, body }) => ({
    project: await projects.change({ userId, ...params }, body),
  }))

  router.serve(api.archiveProject, async ({ principal: { userId }, params, body }) => ({
    project: await projects.archive({ userId, ...params }, body.isArchived),
  }))
}
