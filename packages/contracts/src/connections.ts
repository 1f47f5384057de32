import { z } from 'zod'
import { jiraFlavour } from './accounts.ts'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

/** One step of a connection test; later steps of a failed test are `not-run`. */
export const testStep = z.object({
  step: z.enum(['address', 'tls', 'sign-in', 'permission', 'identity', 'answer']),
  state: z.enum(['passed', 'failed', 'not-run']),
  durationMs: z.int().optional(),
  problem: problem.optional(),
})

export const testResult = z.object({
  passed: z.boolean(),
  testedAt: z.iso.datetime(),
  durationMs: z.int(),
  steps: z.array(testStep),
  /** A sentence's worth of proof: the person's name in Jira, or the model's first words. */
  evidence: z.string().optional(),
  /** Names of models that the server offers, where it has a list. */
  models: z.array(z.string()).optional(),
})
export type TestResult = z.output<typeof testResult>

/** `changed`: saved since the last good test. */
export const connectionState = z.enum(['not-set', 'untested', 'passed', 'changed', 'failing'])
export type ConnectionState = z.output<typeof connectionState>

const base = {
  state: connectionState,
  lastPassedAt: z.iso.datetime().optional(),
  failingSince: z.iso.datetime().optional(),
  failure: problem.optional(),
}

export const jiraConnection = z.object({
  ...base,
  /** This and what follows are absent in `not-set`. */
  baseUrl: z.string().optional(),
  flavour: jiraFlavour.optional(),
  /** The last four characters, for recognising it. */
  tokenHint: z.string().optional(),
  setAt: z.iso.datetime().optional(),
})

export const modelConnection = z.object({
  ...base,
  baseUrl: z.string().optional(),
  model: z.string().optional(),
  keyHint: z.string().optional(),
  setAt: z.iso.datetime().optional(),
})

export const listConnections = defineEndpoint({
  method: 'GET',
  path: '/connections',
  summary: 'The own connections and whether their last tests passed. Never a secret.',
  access: 'member',
  reply: z.object({ jira: jiraConnection, model: modelConnection }),
  errors: ['session.required'],
})

export const testJira = defineEndpoint({
  method: 'POST',
  path: '/connections/jira/test',
  summary: 'Tries the stored Jira token, or the one in the body, step by step.',
  access: 'member',
  body: z.object({ token: z.string().trim().min(1).max(limits.tokenLengthMax).optional() }),
  reply: testResult,
  errors: ['session.required', 'request.invalid', 'request.too-many', 'secret.locked'],
})

export const replaceJiraToken = defineEndpoint({
  method: 'PUT',
  path: '/connections/jira',
  summary:
    'Replaces the Jira token after Jira has said that it belongs to the same person, or connects Jira for the first time.',
  access: 'member',
  body: z.object({
    token: z.string().trim().min(1).max(limits.tokenLengthMax),
    /** Where an account without Jira connects it; without effect where Jira is connected. */
    jiraUrl: z
      .url({ protocol: /^https?$/ })
      .max(limits.urlLengthMax)
      .optional(),
    /** Jira Cloud signs in with an e-mail address and an API token. */
    cloudEmail: z.email().max(254).optional(),
  }),
  reply: testResult,
  errors: [
    'session.required',
    'request.invalid',
    'request.too-many',
    'jira.other-person',
    'jira.not-connected',
    'jira.url-not-listed',
    'account.exists',
  ],
})

const modelSettings = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }).max(limits.urlLengthMax),
  model: z.string().trim().min(1).max(200),
  /** Absent: the stored key stays. Empty: the server needs none. */
  apiKey: z.string().trim().max(limits.tokenLengthMax).optional(),
})

export const saveModel = defineEndpoint({
  method: 'PUT',
  path: '/connections/model',
  summary: 'Keeps the address, name and key of an OpenAI-compatible model.',
  access: 'member',
  body: modelSettings,
  reply: modelConnection,
  errors: ['session.required', 'request.invalid', 'secret.locked'],
})

export const testModel = defineEndpoint({
  method: 'POST',
  path: '/connections/model/test',
  summary: 'Asks the model for a few words with the settings of the form; saves nothing of them.',
  access: 'member',
  body: modelSettings,
  reply: testResult,
  errors: ['session.required', 'request.invalid', 'request.too-many', 'secret.locked'],
})

export const removeModel = defineEndpoint({
  method: 'DELETE',
  path: '/connections/model',
  summary: 'Forgets the model and its key.',
  access: 'member',
  reply: modelConnection,
  errors: ['session.required'],
})

/** One card of the dashboard. Computed and enforced on the server (CFG-17). */
export const feature = z.object({
  name: z.enum(['stories', 'connections', 'outbox']),
  state: z.enum(['open', 'degraded', 'needs-setup', 'broken']),
  /** Which connections the card waits for, or works without at the moment. */
  needs: z.array(z.object({ connection: z.enum(['jira', 'model']), state: connectionState })),
})
export type Feature = z.output<typeof feature>

export const getDashboard = defineEndpoint({
  method: 'GET',
  path: '/dashboard',
  summary: 'Feature cards with their gates, and how much waits in the outbox.',
  access: 'member',
  reply: z.object({ features: z.array(feature), outboxOpen: z.int() }),
  errors: ['session.required'],
})
