import { z } from 'zod'
import { role } from './accounts.ts'
import { defineEndpoint } from './endpoint.ts'
import { registrationWay } from './installation.ts'

/** Somebody of the workspace, as those who run it see them: states, never credentials. */
export const person = z.object({
  id: z.uuid(),
  employeeId: z.string(),
  displayName: z.string(),
  email: z.string(),
  role,
  isYou: z.boolean(),
  isDisabled: z.boolean(),
  hasJira: z.boolean(),
  hasSecondFactor: z.boolean(),
  /** Live sign-ins. */
  sessions: z.int(),
  /** Absent for somebody who has never signed in. */
  lastSeenAt: z.iso.datetime().optional(),
  joinedAt: z.iso.datetime(),
  /** Connections whose credential was refused at its last use or test. */
  broken: z.array(z.object({ system: z.string(), since: z.iso.datetime() })),
})
export type Person = z.output<typeof person>

export const invitation = z.object({
  id: z.uuid(),
  email: z.string(),
  role,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(['open', 'used', 'revoked', 'expired']),
})
export type Invitation = z.output<typeof invitation>

export const entryRules = z.object({
  /** How people get an account, beside the first one. */
  registrationWays: z.array(registrationWay).max(registrationWay.options.length),
  /** Everybody has to set up a second factor before anything else. */
  secondFactorRequired: z.boolean(),
})
export type EntryRules = z.output<typeof entryRules>

const personId = z.object({ personId: z.uuid() })
const decisions = ['request.invalid', 'person.not-found', 'person.not-allowed'] as const

export const listPeople = defineEndpoint({
  method: 'GET',
  path: '/people',
  summary: 'Everybody of the workspace, with roles, states and broken connections.',
  access: 'admin',
  reply: z.object({ people: z.array(person) }),
  errors: [],
})

export const changePerson = defineEndpoint({
  method: 'PATCH',
  path: '/people/:personId',
  summary: 'Changes the role of a person, or disables and enables the account.',
  access: 'admin',
  stepUp: true,
  params: personId,
  body: z.object({ role: role.optional(), isDisabled: z.boolean().optional() }),
  reply: person,
  errors: [...decisions, 'person.last-owner', 'person.self'],
})

export const endSessionsOf = defineEndpoint({
  method: 'DELETE',
  path: '/people/:personId/sessions',
  summary: 'Ends every sign-in of a person.',
  access: 'admin',
  params: personId,
  reply: person,
  errors: decisions,
})

export const removeSecondFactorOf = defineEndpoint({
  method: 'DELETE',
  path: '/people/:personId/second-factor',
  summary: 'Removes the second factor of somebody who has lost it.',
  access: 'admin',
  stepUp: true,
  params: personId,
  reply: person,
  errors: decisions,
})

export const offerPasswordReset = defineEndpoint({
  method: 'POST',
  path: '/people/:personId/password-reset',
  summary: 'Makes a link with which the person sets a new password once, within 15 minutes.',
  access: 'admin',
  stepUp: true,
  params: personId,
  reply: z.object({
    /** Path with the secret behind `#`, which no server sees; shown this once. */
    path: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  errors: decisions,
})

export const listInvitations = defineEndpoint({
  method: 'GET',
  path: '/invitations',
  summary: 'Who was invited, and what became of it.',
  access: 'admin',
  reply: z.object({ invitations: z.array(invitation) }),
  errors: [],
})

export const invite = defineEndpoint({
  method: 'POST',
  path: '/invitations',
  summary: 'Makes a link with which one person makes an account with this address and role.',
  access: 'admin',
  stepUp: true,
  status: 201,
  body: z.object({ email: z.email().max(254), role }),
  reply: z.object({ invitation, path: z.string() }),
  errors: ['request.invalid', 'registration.closed', 'person.not-allowed'],
})

export const revokeInvitation = defineEndpoint({
  method: 'DELETE',
  path: '/invitations/:invitationId',
  summary: 'Makes the link of an invitation void.',
  access: 'admin',
  params: z.object({ invitationId: z.uuid() }),
  reply: z.object({ invitations: z.array(invitation) }),
  errors: ['request.invalid'],
})

export const getEntryRules = defineEndpoint({
  method: 'GET',
  path: '/workspace/entry',
  summary: 'How people get in: ways of registration and whether a second factor is asked for.',
  access: 'admin',
  reply: entryRules,
  errors: [],
})

export const setEntryRules = defineEndpoint({
  method: 'PUT',
  path: '/workspace/entry',
  summary: 'Changes how people get in.',
  access: 'admin',
  stepUp: true,
  body: entryRules,
  reply: entryRules,
  errors: ['request.invalid'],
})
