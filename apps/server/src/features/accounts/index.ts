export { registerAccountRoutes } from './accounts.routes.ts'
export {
  type AccountService,
  type AskJira,
  createAccountService,
  type Doorkeeper,
  type JiraAccess,
  type JiraAnswer,
  type JiraConnection,
  type JiraFacts,
} from './accounts.service.ts'
export { createDelays } from './accounts.delays.ts'
export { deleteOldTries } from './accounts.delays.store.ts'
export { createEntry, type Entry } from './accounts.entry.ts'
export { createPasswordRules } from './accounts.password-rules.ts'
export { createSecondFactors } from './accounts.second-factor.ts'
export { createSessions, type Sessions } from './accounts.sessions.ts'
export { deleteEndedSessions } from './accounts.sessions.store.ts'
