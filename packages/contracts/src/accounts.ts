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
    'registration.expired',
    'password.weak',
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

export const signIn = defineEndpoint({
  method: 'POST',
  path: '/session',
  summary: 'Signs in by employee id, name or e-mail.',
  access: 'public',
  body: z.object({
    username: z.string().trim().min(1).max(254),
    password: z.string().min(1).max(limits.passwordBytesMax),
  }),
  reply: z.object({ session }),
  errors: ['request.invalid', 'login.failed', 'login.too-many', 'password.busy'],
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
  errors: [
    'request.invalid',
    'login.failed',
    'login.code-needed',
    'login.code-wrong',
    'login.too-many',
    'password.busy',
  ],
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
  errors: ['request.invalid', 'session.required', 'login.failed', 'password.weak', 'password.busy'],
})
