export {
  createJiraDesk,
  createIssueExecutor,
  createLinkExecutors,
  type JiraDesk,
  type OpenJira,
} from './stories.jira.ts'
export { registerStoryRoutes } from './stories.routes.ts'
export { createStoryService, type StoryService } from './stories.service.ts'
export { createStoryWriter } from './stories.writer.ts'
export { stepsOfEpic, stepsOfSubTasks } from './stories.steps.ts'
