import {
  listStoryRules,
  setOwnRule,
  setProjectRule,
  setWorkspaceRule,
  tryStoryRules,
} from '@studioops/contracts/story-rule-settings'
import * as api from '@studioops/contracts/stories'
import * as cardsApi from '@studioops/contracts/story-cards'
import * as contextApi from '@studioops/contracts/story-context'
import * as promptsApi from '@studioops/contracts/story-prompts'
import {
  checkStory,
  type RuleLayer,
  type RuleSetting,
  type StoryRule,
} from '@studioops/contracts/story-rules'
import * as templatesApi from '@studioops/contracts/story-templates'
import { readStoryText } from '@studioops/contracts/story-text'
import type { Router } from '../../platform/http/route.ts'
import type { StoryCards } from './stories.cards.ts'
import type { StoryPrompts } from './stories.prompts.ts'
import type { StoryRulesDesk } from './stories.rules.ts'
import { sampleStory } from './stories.samples.ts'
import type { StoryService } from './stories.service.ts'
import type { StorySources } from './stories.sources.ts'
import type { StoryTemplates } from './stories.templates.ts'

type Parts = {
  readonly router: Router
  readonly stories: StoryService
  readonly rules: StoryRulesDesk
  readonly templates: StoryTemplates
  readonly prompts: StoryPrompts
  readonly sources: StorySources
  readonly cards: StoryCards
}

export function registerStoryRoutes(parts: Parts): void {
  registerDrafts(parts)
  registerApprovals(parts)
  registerRules(parts)
  registerTemplates(parts)
  registerPrompts(parts)
  registerContext(parts)
  registerJira(parts)
}

function registerDrafts({ router, stories }: Parts): void {
  router.serve(api.listStories, async ({ principal, query }) => ({
    stories: await stories.list(principal.userId, query.limit, query),
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
    run: await stories.write({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.editStory, async ({ principal, params, body, language }) => ({
    story: await stories.edit({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.restoreStoryVersion, async ({ principal, params, body, language }) => ({
    story: await stories.restore({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.bypassRules, async ({ principal, params, body, language }) => ({
    story: await stories.bypass({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.withdrawBypass, async ({ principal, params, language }) => ({
    story: await stories.withdrawBypass({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.findDuplicates, ({ principal, params, language }) =>
    stories.duplicates({ userId: principal.userId, ...params, language }),
  )
}

function registerApprovals({ router, stories, cards }: Parts): void {
  router.serve(api.fillJiraFields, async ({ principal, params, body, language }) => ({
    story: await stories.fillFields({ userId: principal.userId, ...params, language }, body.values),
  }))

  router.serve(api.approveStory, async ({ principal, params, body, language }) => ({
    story: await stories.approve({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.approveStories, async ({ principal, body, language }) => ({
    results: await stories.approveAll({ userId: principal.userId, language }, body.stories),
  }))

  router.serve(api.previewStories, async ({ principal, body, language }) => ({
    previews: await stories.previewAll({ userId: principal.userId, language }, body.storyIds),
  }))

  router.serve(api.exportStories, ({ principal, body }) => stories.export(principal.userId, body))

  router.serve(cardsApi.previewCards, ({ principal, params, body, language }) =>
    cards.preview({ userId: principal.userId, ...params, language }, body),
  )

  router.serve(cardsApi.makeCards, async ({ principal, params, body, language }) => ({
    operation: await cards.make({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(cardsApi.listCardWrites, async ({ principal, params, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    await stories.show(asked)
    return { operations: await cards.list(asked) }
  })
}

type Principal = { readonly userId: string; readonly role: string }

const readerOf = ({ userId, role }: Principal, projectId?: string) => ({
  userId,
  projectId,
  isAdmin: role === 'admin' || role === 'owner',
})

function registerRules({ router, rules }: Parts): void {
  type Change = { readonly rule: StoryRule; readonly setting: RuleSetting }
  const set = (principal: Principal, layer: RuleLayer, change: Change & { projectId?: string }) =>
    rules.set(readerOf(principal, change.projectId), { layer, ...change })

  router.serve(listStoryRules, ({ principal, query }) =>
    rules.list(readerOf(principal, query.projectId)),
  )
  router.serve(setOwnRule, ({ principal, params, body }) =>
    set(principal, 'user', { ...params, setting: body }),
  )
  router.serve(setProjectRule, ({ principal, params, body }) =>
    set(principal, 'project', { ...params, setting: body }),
  )
  router.serve(setWorkspaceRule, ({ principal, params, body }) =>
    set(principal, 'workspace', { ...params, setting: body }),
  )

  router.serve(tryStoryRules, async ({ principal, body }) => {
    const { language, format, projectKey, settings = {} } = body
    const tried = await rules.tried(readerOf(principal, body.projectId), settings)
    const read = body.text === undefined ? undefined : readStoryText(body.text)
    const content = body.content ?? read ?? sampleStory(language)
    const children = body.children?.map((child) => child.content)
    const subject = { story: content, format, language, projectKey, children }
    return { results: checkStory(subject, tried), content }
  })
}

function registerTemplates({ router, templates }: Parts): void {
  router.serve(templatesApi.listStoryTemplates, async ({ principal, query }) => ({
    templates: await templates.list(principal.userId, query.projectId),
  }))
  router.serve(templatesApi.createStoryTemplate, async ({ principal, body }) => ({
    template: await templates.create(principal.userId, body),
  }))
  router.serve(templatesApi.changeStoryTemplate, async ({ principal, params, body }) => ({
    template: await templates.change(principal.userId, { ...params, ...body }),
  }))
  router.serve(templatesApi.deleteStoryTemplate, async ({ principal, params }) => {
    await templates.remove(principal.userId, params.templateId)
    return {}
  })
  router.serve(templatesApi.listTemplateVersions, async ({ principal, params }) => ({
    versions: await templates.versions(principal.userId, params.templateId),
  }))
  router.serve(templatesApi.previewStoryTemplate, ({ body }) =>
    Promise.resolve(templates.preview(body)),
  )
}

function registerPrompts({ router, prompts }: Parts): void {
  router.serve(promptsApi.listStoryPrompts, async ({ principal, query, language }) => ({
    prompts: await prompts.list(principal.userId, query.language ?? language),
  }))
  router.serve(promptsApi.createStoryPrompt, async ({ principal, body }) => ({
    prompt: await prompts.create(principal.userId, body),
  }))
  router.serve(promptsApi.changeStoryPrompt, async ({ principal, params, body }) => ({
    prompt: await prompts.change(principal.userId, params.promptId, body),
  }))
  router.serve(promptsApi.deleteStoryPrompt, async ({ principal, params }) => {
    await prompts.remove(principal.userId, params.promptId)
    return {}
  })
}

function registerContext({ router, sources }: Parts): void {
  router.serve(contextApi.listStorySources, ({ principal, params, language }) =>
    sources.show({ userId: principal.userId, ...params, language }),
  )
  router.serve(contextApi.findStorySources, async ({ principal, params, query, language }) => ({
    found: await sources.find({ userId: principal.userId, ...params, language }, query),
  }))
  router.serve(contextApi.addStorySource, ({ principal, params, body, language }) =>
    sources.add({ userId: principal.userId, ...params, language }, body),
  )
  router.serve(contextApi.removeStorySource, ({ principal, params, language }) =>
    sources.remove({ userId: principal.userId, storyId: params.storyId, language }, params),
  )
}

function registerJira({ router, stories }: Parts): void {
  router.serve(api.listJiraProjects, async ({ principal, language }) => {
    const { value, asOf, stale } = await stories.projects(principal.userId, language)
    return { projects: value, asOf, ...(stale === undefined ? {} : { stale }) }
  })

  router.serve(api.listJiraIssueTypes, async ({ principal, params, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    const { value, asOf, stale } = await stories.issueTypes(asked)
    return { issueTypes: value, asOf, ...(stale === undefined ? {} : { stale }) }
  })

  router.serve(api.listAssignees, async ({ principal, params, language }) => {
    const asked = { userId: principal.userId, ...params, language }
    const { value, stale } = await stories.assignees(asked)
    return { assignees: value, ...(stale === undefined ? {} : { stale }) }
  })

  router.serve(api.listComponents, async ({ principal, params, query, language }) => ({
    components: await stories.components({
      userId: principal.userId,
      ...params,
      ...query,
      language,
    }),
  }))

  router.serve(api.listEpics, async ({ principal, params, query }) => {
    const wish = { ...params, ...query, issueType: 'Epic' }
    const found = await stories.searchIssues(principal.userId, wish)
    return { epics: found.map(({ key, summary }) => ({ key, summary })) }
  })

  router.serve(api.listLinkTypes, async ({ principal, language }) => {
    const { value, stale } = await stories.linkTypes(principal.userId, language)
    return { linkTypes: value, ...(stale === undefined ? {} : { stale }) }
  })

  router.serve(api.searchIssues, async ({ principal, query }) => {
    const found = await stories.searchIssues(principal.userId, query)
    return { issues: found.map(({ key, summary, status }) => ({ key, summary, status })) }
  })
}
