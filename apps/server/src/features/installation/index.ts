export { registerInstallationRoutes } from './installation.routes.ts'
export {
  createInstallationService,
  type DemoSystems,
  type InstallationService,
} from './installation.service.ts'
