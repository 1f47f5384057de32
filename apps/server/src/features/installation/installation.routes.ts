import * as api from '@studioops/contracts/installation'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Router } from '../../platform/http/route.ts'
import type { InstallationService } from './installation.service.ts'

export function registerInstallationRoutes(
  router: Router,
  installation: InstallationService,
): void {
  router.serve(api.getInstallation, async () => installation.show())
  router.serve(api.startDemo, async () => installation.startDemo())

  router.serve(api.leaveDemo, async ({ principal }) => {
    // Anybody may leave a demo in which nobody has registered yet; afterwards its people may.
    const { demo } = await installation.show()
    if (principal === undefined && demo?.people.some((person) => person.registered) === true)
      throw new AppError('session.required')
    return installation.leaveDemo()
  })

  router.serve(api.getDemoFaults, async () => installation.demoFaults())
  router.serve(api.setDemoFaults, async ({ body }) => installation.setDemoFaults(body))
}
