export { registerAccountRoutes } from './accounts.routes.ts'
export {
  type AccountService,
  type AskJira,
  createAccountService,
  type Doorkeeper,
  type JiraAccess,
  type JiraConnection,
  type JiraFacts,
} from './accounts.service.ts'
export { createSessions, type Sessions } from './accounts.sessions.ts'
