import * as api from '@studioops/contracts/projects'
import type { Router } from '../../platform/http/route.ts'
import type { ProjectLinks } from './projects.links.ts'
import type { ProjectMembers } from './projects.members.ts'
import type { ProjectService } from './projects.service.ts'

type Dependencies = {
  readonly router: Router
  readonly projects: ProjectService
  readonly members: ProjectMembers
  readonly links: ProjectLinks
}

export function registerProjectRoutes(dependencies: Dependencies): void {
  const { router, projects } = dependencies
  registerPeopleAndLinks(dependencies)

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

  router.serve(api.setBudgets, async ({ principal: { userId }, params, body }) => ({
    project: await projects.setBudgets({ userId, ...params }, body.budgets),
  }))

  router.serve(api.listActivity, async ({ principal: { userId }, params, query }) =>
    projects.activity({ userId, ...params }, query.before),
  )

  router.serve(api.listWorkspaceProjects, async ({ principal: { userId } }) => ({
    projects: await projects.ofWorkspace(userId),
  }))

  router.serve(api.takeProjectOver, async ({ principal: { userId }, params }) => {
    await projects.takeOver({ userId, ...params })
    return {}
  })
}

function registerPeopleAndLinks({ router, projects, members, links }: Dependencies): void {
  router.serve(api.listCandidates, async ({ principal: { userId }, params, query }) => ({
    people: await members.candidates({ userId, ...params }, query.search),
  }))

  router.serve(api.addMember, async ({ principal: { userId }, params, body }) => {
    await members.add({ userId, ...params, memberId: body.userId }, body.role)
    return { project: await projects.show({ userId, ...params }) }
  })

  router.serve(api.changeMember, async ({ principal: { userId }, params, body }) => {
    await members.change({ userId, ...params }, body.role)
    return { project: await projects.show({ userId, ...params }) }
  })

  router.serve(api.removeMember, async ({ principal: { userId }, params }) => {
    await members.remove({ userId, ...params })
    return {}
  })

  router.serve(api.addLink, async ({ principal: { userId }, params, body, language }) => {
    await links.add({ userId, language, ...params }, body)
    return { project: await projects.show({ userId, ...params }) }
  })

  router.serve(api.checkLink, async ({ principal: { userId }, params, language }) => {
    await links.check({ userId, language, ...params }, params.linkId)
    return { project: await projects.show({ userId, ...params }) }
  })

  router.serve(api.removeLink, async ({ principal: { userId }, params, language }) => {
    await links.remove({ userId, language, ...params }, params.linkId)
    return { project: await projects.show({ userId, ...params }) }
  })

  router.serve(api.listProjectOperations, async ({ principal: { userId }, params, language }) => ({
    operations: await links.operations({ userId, language, ...params }),
  }))
}
