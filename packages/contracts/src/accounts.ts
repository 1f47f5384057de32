import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { language } from './installation.ts'
import { limits } from './limits.ts'

export const role = z.enum(['owner', 'admin', 'member', 'viewer'])
export type Role = z.output<typeof role>

export const theme = z.enum(['system', 'light', 'dark'])

/** What a person set for the look of the page; kept on the server, so that it follows the person. */
export const preferences = z.object({
  language: language.optional(),
  theme: theme.default('system'),
  sidebar: z
    .object({ widthPx: z.int().min(200).max(400), pinned: z.boolean() })
    .default({ widthPx: 240, pinned: true }),
})
export type Preferences = z.output<typeof preferences>

export const account = z.object({
  id: z.uuid(),
  employeeId: z.string(),
  name: z.string(),
  displayName: z.string(),
  email: z.string(),
  role,
  /** Absent where the person has not connected Jira. */
  jiraUrl: z.string().optional(),
  /** Path of the cached picture on this server; absent where Jira gave none. */
  avatarPath: z.string().optional(),
  preferences,
  isDemo: z.boolean(),
  /** Whether codes of an app are asked for beside the password. */
  hasSecondFactor: z.boolean(),
})
export type Account = z.output<typeof account>

export const session = z.object({
  account,
  /** End of the session if nothing is done until then (D-5). */
  idleEndsAt: z.iso.datetime(),
  absoluteEndsAt: z.iso.datetime(),
  /** The workspace asks for a second factor, and the person has none yet. */
  mustSetUpSecondFactor: z.boolean(),
})
export type Session = z.output<typeof session>

/** Six digits of the app, or one of the recovery codes; spaces and hyphens do not count. */
const secondFactorCode = z.string().trim().min(6).max(60)

const secretText = z.string().trim().min(1).max(limits.tokenLengthMax)

export const jiraFlavour = z.enum(['dc', 'cloud'])
export type JiraFlavour = z.output<typeof jiraFlavour>

/** Who Jira says that one is. Shown before anything is stored (ID-1, ID-2). */
export const jiraIdentity = z.object({
  employeeId: z.string(),
  name: z.string(),
  displayName: z.string(),
  /** Absent where Jira hides it; the form then asks for it (D-3). */
  email: z.string().optional(),
  jiraUrl: z.string(),
  flavour: jiraFlavour,
  /** A `data:` URL of the picture; absent where Jira gave none. */
  avatar: z.string().optional(),
})
export type JiraIdentity = z.output<typeof jiraIdentity>

const jiraRefusals = [
  'jira.url-not-listed',
  'jira.bad-token',
  'jira.inactive',
  'jira.deleted',
  'jira.unreachable',
  'jira.dns',
  'jira.tls',
  'jira.timeout',
  'jira.login-page',
  'jira.captcha',
  'jira.forbidden',
  'jira.not-allowed',
  'jira.redirect',
  'jira.not-found',
  'jira.unexpected-answer',
  'jira.rate-limited',
  'jira.server-error',
] as const

export const checkJiraToken = defineEndpoint({
  method: 'POST',
  path: '/registrations',
  repliesSecret: true,
  summary: 'Asks Jira whose token this is. Nothing is stored.',
  access: 'public',
  body: z.object({
    jiraUrl: z.url({ protocol: /^https?$/ }).max(limits.urlLengthMax),
    token: secretText,
    /** Jira Cloud signs in with an e-mail address and an API token. */
    cloudEmail: z.email().max(254).optional(),
  }),
  reply: z.object({
    identity: jiraIdentity,
    /** Proof of this check for the next step, sealed by the server, good for ten minutes. */
    ticket: z.string(),
    alreadyRegistered: z.boolean(),
  }),
  errors: ['request.invalid', 'request.too-many', ...jiraRefusals],
})

export const register = defineEndpoint({
  method: 'POST',
  path: '/accounts',
  summary: 'Makes an account from a checked Jira identity and a password.',
  access: 'public',
  status: 201,
  body: z.object({
    ticket: z.string().max(limits.ticketLengthMax),
    password: z.string().min(1).max(limits.passwordBytesMax),
    email: z.email().max(254).optional(),
    language: language.optional(),
  }),
  reply: z.object({ employeeId: z.string() }),
  errors: [
    'request.invalid',
    'registration.closed',
    'registration.expired',
    'password.weak',
    'password.common',
    'account.exists',
    'registration.email-needed',
    'password.busy',
  ],
})

export const getSession = defineEndpoint({
  method: 'GET',
  path: '/session',
  summary: 'Who is signed in; `session` is absent for a visitor.',
  access: 'public',
  reply: z.object({ session: session.optional() }),
  errors: [],
})

/** Of whatever takes a password, with a code where there is a second factor. */
const passwordRefusals = [
  'request.invalid',
  'login.failed',
  'login.code-needed',
  'login.code-wrong',
  'login.too-many',
  'password.busy',
] as const

export const signIn = defineEndpoint({
  method: 'POST',
  path: '/session',
  repliesSecret: true,
  summary: 'Signs in by employee id, name or e-mail, and by a code where there is a second factor.',
  access: 'public',
  body: z.object({
    username: z.string().trim().min(1).max(254),
    password: z.string().min(1).max(limits.passwordBytesMax),
    /** Left out at first; `login.code-needed` asks for it. */
    code: secondFactorCode.optional(),
  }),
  reply: z.object({ session }),
  errors: passwordRefusals,
})

export const extendSession = defineEndpoint({
  method: 'POST',
  path: '/session/extend',
  summary: 'Prolongs the session because the person is still there (D-5).',
  access: 'viewer',
  beforeSecondFactor: true,
  reply: z.object({ session }),
  errors: ['session.required', 'session.expired', 'session.replayed'],
})

export const stepUp = defineEndpoint({
  method: 'POST',
  path: '/session/step-up',
  summary: 'Takes the password once more; for five minutes it opens what asks for that.',
  access: 'viewer',
  beforeSecondFactor: true,
  body: z.object({
    password: z.string().min(1).max(limits.passwordBytesMax),
    code: secondFactorCode.optional(),
  }),
  reply: z.object({ session }),
  errors: passwordRefusals,
})

export const signOut = defineEndpoint({
  method: 'DELETE',
  path: '/session',
  summary: 'Ends the session.',
  access: 'public',
  reply: z.object({}),
  errors: [],
})

export const updatePreferences = defineEndpoint({
  method: 'PATCH',
  path: '/account/preferences',
  summary: 'Keeps language, theme and sidebar of the person.',
  access: 'viewer',
  beforeSecondFactor: true,
  body: z.object({
    language: language.optional(),
    theme: theme.optional(),
    sidebar: preferences.shape.sidebar.unwrap().optional(),
  }),
  reply: preferences,
  errors: ['request.invalid', 'session.required'],
})

export const changePassword = defineEndpoint({
  method: 'PUT',
  path: '/account/password',
  summary: 'Changes the password; other sessions of the person end.',
  access: 'viewer',
  beforeSecondFactor: true,
  body: z.object({
    current: z.string().min(1).max(limits.passwordBytesMax),
    next: z.string().min(1).max(limits.passwordBytesMax),
  }),
  reply: z.object({}),
  errors: [
    'request.invalid',
    'login.failed',
    'login.too-many',
    'password.weak',
    'password.common',
    'password.busy',
  ],
})

const newPassword = z.string().min(1).max(limits.passwordBytesMax)
const linkToken = z.string().trim().min(1).max(limits.linkTokenLengthMax)
const personName = z.string().trim().min(1).max(limits.displayNameLengthMax)

export const registerLocally = defineEndpoint({
  method: 'POST',
  path: '/accounts/local',
  summary:
    'Makes an account without Jira: the owner of a new installation, or a member where that is allowed.',
  access: 'public',
  status: 201,
  body: z.object({
    displayName: personName,
    email: z.email().max(254),
    password: newPassword,
    language: language.optional(),
  }),
  reply: z.object({ employeeId: z.string() }),
  errors: [
    'request.invalid',
    'request.too-many',
    'registration.closed',
    'password.weak',
    'password.common',
    'password.busy',
    'account.exists',
  ],
})

export const lookUpInvitation = defineEndpoint({
  method: 'POST',
  path: '/invitations/lookup',
  summary: 'What an invitation says, for whoever has its link.',
  access: 'public',
  body: z.object({ token: linkToken }),
  reply: z.object({ email: z.string(), role, expiresAt: z.iso.datetime() }),
  errors: ['request.invalid', 'request.too-many', 'invitation.gone', 'registration.closed'],
})

export const acceptInvitation = defineEndpoint({
  method: 'POST',
  path: '/invitations/accept',
  summary: 'Makes the account of somebody who was invited; the link is used up.',
  access: 'public',
  status: 201,
  body: z.object({
    token: linkToken,
    displayName: personName,
    password: newPassword,
    language: language.optional(),
  }),
  reply: z.object({ employeeId: z.string() }),
  errors: [
    'request.invalid',
    'request.too-many',
    'invitation.gone',
    'registration.closed',
    'password.weak',
    'password.common',
    'password.busy',
    'account.exists',
  ],
})

const resetErrors = [
  'request.invalid',
  'request.too-many',
  'login.code-needed',
  'login.code-wrong',
  'login.too-many',
  'password.weak',
  'password.common',
  'password.busy',
] as const

export const resetByLink = defineEndpoint({
  method: 'POST',
  path: '/password-resets/link',
  summary: 'Sets a new password by the one-time link of an administrator. All sessions end.',
  access: 'public',
  body: z.object({ token: linkToken, password: newPassword, code: secondFactorCode.optional() }),
  reply: z.object({ employeeId: z.string() }),
  errors: ['reset.gone', ...resetErrors],
})

export const resetByJira = defineEndpoint({
  method: 'POST',
  path: '/password-resets/jira',
  summary:
    'Sets a new password for whom a checked Jira token belongs to. All sessions end; the token is kept as the new one.',
  access: 'public',
  body: z.object({
    ticket: z.string().max(limits.ticketLengthMax),
    password: newPassword,
    code: secondFactorCode.optional(),
  }),
  reply: z.object({ employeeId: z.string() }),
  errors: ['registration.expired', 'reset.gone', ...resetErrors],
})

/** One sign-in of the person: a browser on a device. */
export const ownSession = z.object({
  id: z.uuid(),
  isThisOne: z.boolean(),
  /** What the browser calls itself; absent where it said nothing. */
  userAgent: z.string().optional(),
  address: z.string().optional(),
  signedInAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
})
export type OwnSession = z.output<typeof ownSession>

export const listSessions = defineEndpoint({
  method: 'GET',
  path: '/account/sessions',
  summary: 'Where the person is signed in.',
  access: 'viewer',
  reply: z.object({ sessions: z.array(ownSession) }),
  errors: [],
})

export const endSession = defineEndpoint({
  method: 'DELETE',
  path: '/account/sessions/:sessionId',
  summary: 'Ends one sign-in of the person.',
  access: 'viewer',
  params: z.object({ sessionId: z.uuid() }),
  reply: z.object({ sessions: z.array(ownSession) }),
  errors: ['request.invalid'],
})

export const endOtherSessions = defineEndpoint({
  method: 'DELETE',
  path: '/account/sessions',
  summary: 'Ends every sign-in of the person but this one.',
  access: 'viewer',
  reply: z.object({ sessions: z.array(ownSession) }),
  errors: [],
})

export const secondFactor = z.object({
  isOn: z.boolean(),
  since: z.iso.datetime().optional(),
  /** How many recovery codes have not been used. */
  codesLeft: z.int(),
  /** Whether the workspace asks everybody for one. */
  isRequired: z.boolean(),
})
export type SecondFactor = z.output<typeof secondFactor>

const recoveryCodes = z.array(z.string())

export const getSecondFactor = defineEndpoint({
  method: 'GET',
  path: '/account/second-factor',
  summary: 'Whether codes of an app are asked for beside the password.',
  access: 'viewer',
  beforeSecondFactor: true,
  reply: secondFactor,
  errors: [],
})

export const beginSecondFactor = defineEndpoint({
  method: 'POST',
  path: '/account/second-factor',
  summary: 'Makes a secret for an authenticator app. It counts once a code has confirmed it.',
  access: 'viewer',
  stepUp: true,
  beforeSecondFactor: true,
  reply: z.object({
    /** Base32, for typing it in. */
    secret: z.string(),
    /** `otpauth://` address, for the picture to scan. */
    uri: z.string(),
  }),
  errors: ['second-factor.is-on'],
})

export const confirmSecondFactor = defineEndpoint({
  method: 'PUT',
  path: '/account/second-factor',
  summary: 'Turns the second factor on with a first code. The recovery codes are shown this once.',
  access: 'viewer',
  stepUp: true,
  beforeSecondFactor: true,
  body: z.object({ code: secondFactorCode }),
  reply: z.object({ recoveryCodes }),
  errors: ['request.invalid', 'login.code-wrong', 'login.too-many', 'second-factor.is-on'],
})

export const removeSecondFactor = defineEndpoint({
  method: 'DELETE',
  path: '/account/second-factor',
  summary: 'Turns the second factor off; its recovery codes are void.',
  access: 'viewer',
  stepUp: true,
  reply: secondFactor,
  errors: ['second-factor.required'],
})

export const makeRecoveryCodes = defineEndpoint({
  method: 'POST',
  path: '/account/recovery-codes',
  summary: 'Makes new recovery codes, shown this once; the former ones are void.',
  access: 'viewer',
  stepUp: true,
  reply: z.object({ recoveryCodes }),
  errors: ['second-factor.is-off'],
})
