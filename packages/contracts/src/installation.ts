import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

export const language = z.enum(['en', 'he'])
export type Language = z.output<typeof language>

/** Somebody whom the demo offers to be, with a token of the simulated Jira. */
export const demoPerson = z.object({
  employeeId: z.string(),
  displayName: z.string(),
  title: z.object({ en: z.string(), he: z.string() }),
  token: z.string(),
  /** What lets this person into the demo's company model. */
  companyCookie: z.string(),
  confluenceToken: z.string(),
  trelloToken: z.string(),
  /** What registration will say: most can register, two show how a refusal looks. */
  state: z.enum(['active', 'inactive', 'deleted']),
  registered: z.boolean(),
})

/**
 * `new`: nobody has registered and nothing is chosen. `demo`: everything outside is simulated.
 * `own`: real systems.
 */
export const installationMode = z.enum(['new', 'demo', 'own'])

/** How people get an account: proof by Jira, a link of an administrator, or by themselves. */
export const registrationWay = z.enum(['jira_pat', 'invite', 'local'])
export type RegistrationWay = z.output<typeof registrationWay>

/** The composition rule of ID-4, or length and a look at what is common (D-18). */
export const passwordPolicy = z.enum(['composition', 'asvs'])
export type PasswordPolicy = z.output<typeof passwordPolicy>

export const installation = z.object({
  mode: installationMode,
  version: z.string(),
  /** Addresses that a person may register with; in `new` any address may be given (D-2). */
  jiraBaseUrls: z.array(z.string()),
  sessionMinutes: z.int(),
  registrationWays: z.array(registrationWay),
  passwordPolicy,
  /** True where the database is the evaluation fallback that may lose data in a power cut. */
  evaluationDatabase: z.boolean(),
  /** Present where sign-in and secrets are locked: fingerprints of the master keys. */
  lockedKeys: z.object({ wanted: z.string(), present: z.string().optional() }).optional(),
  demo: z
    .object({
      jiraUrl: z.string(),
      modelUrl: z.string(),
      modelKey: z.string(),
      modelName: z.string(),
      confluenceUrl: z.string(),
      trelloUrl: z.string(),
      trelloKey: z.string(),
      people: z.array(demoPerson),
    })
    .optional(),
})
export type Installation = z.output<typeof installation>

export const getInstallation = defineEndpoint({
  method: 'GET',
  path: '/installation',
  summary: 'How this installation is set up, and what a visitor may do first.',
  access: 'public',
  reply: installation,
  errors: [],
})

export const startDemo = defineEndpoint({
  method: 'POST',
  path: '/installation/demo',
  summary: 'Turns a new installation into the demo workspace with simulated Jira and model.',
  access: 'public',
  reply: installation,
  errors: ['installation.already-chosen'],
})

export const leaveDemo = defineEndpoint({
  method: 'DELETE',
  path: '/installation/demo',
  summary: 'Leaves the demo and removes everything in it: people, stories and simulated systems.',
  access: 'public',
  reply: installation,
  errors: ['demo.not-active', 'session.required'],
})

/** What the demo's switches say about the simulated systems. */
export const demoFaults = z.object({
  jira: z.enum(['none', 'away', 'slow', 'lost-answer']),
  model: z.enum(['none', 'away', 'slow', 'dies']),
  confluence: z.enum(['none', 'away', 'slow', 'lost-answer']).prefault('none'),
  trello: z.enum(['none', 'away', 'slow', 'lost-answer']).prefault('none'),
})
export type DemoFaults = z.output<typeof demoFaults>

export const getDemoFaults = defineEndpoint({
  method: 'GET',
  path: '/installation/demo/faults',
  summary: 'Which faults the demo plays at the moment.',
  access: 'member',
  reply: demoFaults,
  errors: ['demo.not-active'],
})

export const setDemoFaults = defineEndpoint({
  method: 'PUT',
  path: '/installation/demo/faults',
  summary: 'Lets a simulated system fail, so that one can watch what the product does.',
  access: 'member',
  body: demoFaults,
  reply: demoFaults,
  errors: ['demo.not-active'],
})
