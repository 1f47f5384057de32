export { createToolRefresher } from './tools.refresher.ts'
export { registerToolRoutes } from './tools.routes.ts'
export { createToolService, type ToolService, type ToolUse } from './tools.service.ts'
