export { createBoardExecutors } from './boards.executors.ts'
export { registerBoardRoutes } from './boards.routes.ts'
export { createBoardService, type BoardService } from './boards.service.ts'
