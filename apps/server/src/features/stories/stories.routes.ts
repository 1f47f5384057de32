import * as api from '@studioops/contracts/stories'
import type { Router } from '../../platform/http/route.ts'
import type { StoryService } from './stories.service.ts'

export function registerStoryRoutes(router: Router, stories: StoryService): void {
  router.serve(api.listStories, async ({ principal, query }) => ({
    stories: await stories.list(principal.userId, query.limit),
  }))

  router.serve(api.createStory, async ({ principal, body, language }) => ({
    story: await stories.create({ userId: principal.userId, language }, body),
  }))

  router.serve(api.getStory, async ({ principal, params, language }) => ({
    story: await stories.show({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.updateStory, async ({ principal, params, body, language }) => ({
    story: await stories.update({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.deleteStory, async ({ principal, params, language }) => {
    await stories.remove({ userId: principal.userId, ...params, language })
    return {}
  })

  router.serve(api.writeStory, async ({ principal, params, body, language }) => ({
    run: await stories.write({ userId: principal.userId, ...params, language }, body.instruction),
  }))

  router.serve(api.editStory, async ({ principal, params, body, language }) => ({
    story: await stories.edit({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.fillJiraFields, async ({ principal, params, body, language }) => ({
    story: await stories.fillFields({ userId: principal.userId, ...params, language }, body.values),
  }))

  router.serve(api.approveStory, async ({ principal, params, body, language }) => ({
    story: await stories.approve({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.listJiraProjects, async ({ principal, language }) => {
    const { value, asOf, stale } = await stories.projects(principal.userId, language)
    return { projects: value, asOf, ...(stale === undefined ? {} : { stale }) }
  })

  router.serve(api.listJiraIssueTypes, async ({ principal, params, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    const { value, asOf, stale } = await stories.issueTypes(asked)
    return { issueTypes: value, asOf, ...(stale === undefined ? {} : { stale }) }
  })
}
