export { createStoryCards } from './stories.cards.ts'
export {
  createJiraDesk,
  createIssueExecutor,
  createLinkExecutors,
  type JiraDesk,
  type OpenJira,
} from './stories.jira.ts'
export { type CompanyPrompt, createStoryPrompts } from './stories.prompts.ts'
export { registerStoryRoutes } from './stories.routes.ts'
export { createStoryRules } from './stories.rules.ts'
export { createStoryService, type StoryService } from './stories.service.ts'
export { createSourcePlaces } from './stories.places.ts'
export { createStorySources } from './stories.sources.ts'
export { createStoryTemplates } from './stories.templates.ts'
export { createStoryWriter } from './stories.writer.ts'
export { stepsOfEpic, stepsOfSubTasks } from './stories.steps.ts'
