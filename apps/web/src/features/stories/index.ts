export { storyRoutes } from './stories.routes.tsx'
