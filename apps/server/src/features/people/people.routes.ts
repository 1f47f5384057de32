import * as api from '@studioops/contracts/people'
import type { Router } from '../../platform/http/route.ts'
import type { InstallationService } from '../installation/index.ts'
import type { PeopleService } from './people.service.ts'

type Dependencies = {
  readonly router: Router
  readonly people: PeopleService
  readonly installation: Pick<InstallationService, 'entryRules' | 'setEntryRules'>
}

export function registerPeopleRoutes({ router, people, installation }: Dependencies): void {
  router.serve(api.listPeople, async ({ principal }) => ({
    people: await people.list(principal.userId),
  }))

  router.serve(api.changePerson, async ({ principal, params, body }) =>
    people.change(principal.userId, params.personId, body),
  )

  router.serve(api.endSessionsOf, async ({ principal, params }) =>
    people.endSessions(principal.userId, params.personId),
  )

  router.serve(api.removeSecondFactorOf, async ({ principal, params }) =>
    people.removeSecondFactor(principal.userId, params.personId),
  )

  router.serve(api.offerPasswordReset, async ({ principal, params }) =>
    people.offerReset(principal.userId, params.personId),
  )

  router.serve(api.listInvitations, async ({ principal }) => ({
    invitations: await people.invitations(principal.userId),
  }))

  router.serve(api.invite, async ({ principal, body }) => people.invite(principal, body))

  router.serve(api.revokeInvitation, async ({ principal, params }) => ({
    invitations: await people.revokeInvitation(principal.userId, params.invitationId),
  }))

  router.serve(api.getEntryRules, async () => installation.entryRules())

  router.serve(api.setEntryRules, async ({ principal, body }) => {
    await installation.setEntryRules(principal.userId, body)
    return installation.entryRules()
  })
}
