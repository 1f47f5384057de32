export { createPageCreator, createPageUpdater } from './pages.executor.ts'
export { createPublishing, type Publishing } from './pages.publish.ts'
export { registerPageRoutes } from './pages.routes.ts'
export { createPageDesk, type PageDesk } from './pages.desk.ts'
