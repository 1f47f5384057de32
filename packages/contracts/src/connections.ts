import { z } from 'zod'
import { jiraFlavour } from './accounts.ts'
import { isConfluenceToken } from './atlassian-tokens.ts'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

/** Everything outside that a person, or the workspace, can be connected to. */
export const connectionSystem = z.enum([
  'jira',
  'confluence',
  'trello',
  'company-model',
  'model',
  'object-store',
])
export type ConnectionSystem = z.output<typeof connectionSystem>

/** Of these everybody has an own one, with a secret in the own section. */
export const personalSystem = connectionSystem.extract(['jira', 'confluence', 'trello', 'model'])
export type PersonalSystem = z.output<typeof personalSystem>

/** Names of the systems as they stand in sentences, the same in both languages. */
export const systemNames: Readonly<Record<ConnectionSystem, string>> = {
  jira: 'Jira',
  confluence: 'Confluence',
  trello: 'Trello',
  'company-model': 'Company model',
  model: 'Model',
  'object-store': 'S3',
}

/**
 * Whether a credential belongs to the person whom the other systems know (CFG-16). `unverifiable` is
 * neither: nothing that both systems tell can be compared.
 */
export const identityVerdict = z.enum(['same', 'different', 'unverifiable'])
export type IdentityVerdict = z.output<typeof identityVerdict>

export const connectionIdentity = z.object({
  verdict: identityVerdict,
  /** Whom the system takes one for. */
  name: z.string(),
  /** What it was compared with; `account`: the e-mail address of the account. */
  comparedWith: z.enum([...connectionSystem.options, 'account']).optional(),
})
export type ConnectionIdentity = z.output<typeof connectionIdentity>

/** One step of a connection test; later steps of a failed test are `not-run`. */
export const testStep = z.object({
  step: z.enum(['address', 'tls', 'sign-in', 'permission', 'identity', 'answer']),
  state: z.enum(['passed', 'failed', 'not-run', 'unverifiable']),
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
  identity: connectionIdentity.optional(),
})
export type TestResult = z.output<typeof testResult>

/**
 * `changed`: saved since the last good test. `unverified`: it works, but whose account it is cannot be
 * told; that opens nothing but the boards of that account.
 */
export const connectionState = z.enum([
  'not-set',
  'untested',
  'passed',
  'unverified',
  'changed',
  'failing',
])
export type ConnectionState = z.output<typeof connectionState>

/** What an uploaded certificate says of itself. */
export const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  expiresAt: z.iso.datetime(),
  /** SHA-256, hex digits with colons. */
  fingerprint: z.string(),
})
export type Certificate = z.output<typeof certificate>

const standing = {
  state: connectionState,
  setAt: z.iso.datetime().optional(),
  lastPassedAt: z.iso.datetime().optional(),
  failingSince: z.iso.datetime().optional(),
  failure: problem.optional(),
  identity: connectionIdentity.optional(),
  tls: z.object({ verify: z.boolean(), certificate: certificate.optional() }),
}

const address = z.url({ protocol: /^https?$/ }).max(limits.urlLengthMax)
const secretText = z.string().trim().max(limits.tokenLengthMax)

/** How TLS is checked. Absent: as it is stored. */
const tlsSettings = z
  .object({
    verify: z.boolean(),
    /** PEM to be trusted besides what Node trusts. Absent: the stored one stays. Empty: none. */
    certificate: z.string().max(limits.certificateLengthMax).optional(),
  })
  .optional()

export const jiraConnection = z.object({
  ...standing,
  baseUrl: z.string().optional(),
  flavour: jiraFlavour.optional(),
  loginEmail: z.string().optional(),
  /** The last four characters, for recognising it. */
  tokenHint: z.string().optional(),
})

export const confluenceConnection = z.object({
  ...jiraConnection.shape,
  /** Where Confluence probably is, told from Jira; for a form that is empty. */
  suggested: z.object({ baseUrl: z.string(), flavour: jiraFlavour }).optional(),
})

export const trelloConnection = z.object({
  ...standing,
  baseUrl: z.string().optional(),
  keyHint: z.string().optional(),
  tokenHint: z.string().optional(),
})

export const modelConnection = z.object({
  ...standing,
  baseUrl: z.string().optional(),
  model: z.string().optional(),
  keyHint: z.string().optional(),
})

export const listConnections = defineEndpoint({
  method: 'GET',
  path: '/connections',
  summary: 'The own connections and whether their last tests passed. Never a secret.',
  access: 'member',
  reply: z.object({
    jira: jiraConnection,
    confluence: confluenceConnection,
    trello: trelloConnection,
    model: modelConnection,
    /** Addresses of Jira that may be chosen (D-2). */
    jiraBaseUrls: z.array(z.string()),
  }),
  errors: ['session.required'],
})

const refusals = ['session.required', 'request.invalid', 'secret.locked'] as const
const certificateRefusals = [
  'certificate.unreadable',
  'certificate.not-authority',
  'certificate.expired',
] as const

/** What every section can do, in the same words: try what stands in the form, keep it, forget it. */
function section<S extends PersonalSystem, B extends z.ZodType, R extends z.ZodType>(
  system: S,
  { settings, connection }: { readonly settings: B; readonly connection: R },
) {
  return {
    test: defineEndpoint({
      method: 'POST',
      path: `/connections/${system}/test`,
      summary: `Tries ${systemNames[system]} step by step with the settings of the form; saves nothing of them.`,
      access: 'member',
      body: settings,
      reply: testResult,
      errors: [...refusals, ...certificateRefusals, 'request.too-many', 'connection.not-set'],
    }),
    save: defineEndpoint({
      method: 'PUT',
      path: `/connections/${system}`,
      summary: `Keeps the settings of ${systemNames[system]}; its secret encrypted. Another secret, server or trust than the stored one asks for the password once more.`,
      access: 'member',
      body: settings,
      reply: connection,
      errors: [...refusals, ...certificateRefusals, 'connection.not-set', 'session.step-up-needed'],
    }),
    remove: defineEndpoint({
      method: 'DELETE',
      path: `/connections/${system}`,
      summary: `Forgets ${systemNames[system]} and its secret.`,
      access: 'member',
      stepUp: true,
      reply: connection,
      errors: ['session.required'],
    }),
  }
}

const jiraSettings = z.object({
  /** One that the workspace allows. Absent: the stored one. */
  baseUrl: address.optional(),
  flavour: jiraFlavour.optional(),
  /** Cloud: the e-mail address that the token belongs to. */
  loginEmail: z.email().max(254).optional(),
  /** Absent: the stored one. */
  token: secretText.min(1).optional(),
  tls: tlsSettings,
})

const jira = section('jira', { settings: jiraSettings, connection: jiraConnection })
export const testJira = jira.test

/** Jira is what the others are compared with, so nothing is kept of it that did not pass. */
export const replaceJiraToken = defineEndpoint({
  method: 'PUT',
  path: '/connections/jira',
  summary: 'Keeps address and token after Jira has said that they belong to the same person.',
  access: 'member',
  // A token of Jira is also a proof with which a forgotten password is replaced.
  stepUp: true,
  body: jiraSettings,
  reply: testResult,
  errors: [
    ...refusals,
    ...certificateRefusals,
    'request.too-many',
    'jira.other-person',
    'jira.url-not-listed',
    'account.exists',
    'connection.not-set',
  ],
})

const confluenceSettings = z.object({
  baseUrl: address,
  flavour: jiraFlavour,
  loginEmail: z.email().max(254).optional(),
  /** Absent: the stored one, if it is for the same server. */
  token: secretText
    .min(1)
    .refine(isConfluenceToken, { params: { rule: 'confluence-token' } })
    .optional(),
  tls: tlsSettings,
})

const confluence = section('confluence', {
  settings: confluenceSettings,
  connection: confluenceConnection,
})
export const testConfluence = confluence.test
export const saveConfluence = confluence.save
export const removeConfluence = confluence.remove

const trelloSettings = z.object({
  baseUrl: address.default('https://api.trello.com'),
  key: secretText.min(1).optional(),
  token: secretText.min(1).optional(),
  tls: tlsSettings,
})

const trello = section('trello', { settings: trelloSettings, connection: trelloConnection })
export const testTrello = trello.test
export const saveTrello = trello.save
export const removeTrello = trello.remove

const modelSettings = z.object({
  baseUrl: address,
  model: z.string().trim().min(1).max(200),
  /** Absent: the stored key stays. Empty: the server needs none. */
  apiKey: secretText.optional(),
  tls: tlsSettings,
})

const model = section('model', { settings: modelSettings, connection: modelConnection })
export const testModel = model.test
export const saveModel = model.save
export const removeModel = model.remove

/** Base addresses of providers that speak the OpenAI API, for filling in the form. */
export const modelProviders = [
  { id: 'openai', name: 'OpenAI', baseUrl: 'https://api.openai.com/v1', model: '' },
  { id: 'kimi', name: 'Kimi (Moonshot)', baseUrl: 'https://api.moonshot.ai/v1', model: '' },
  { id: 'glm', name: 'GLM (Z.AI)', baseUrl: 'https://api.z.ai/api/paas/v4', model: '' },
  { id: 'openrouter', name: 'OpenRouter', baseUrl: 'https://openrouter.ai/api/v1', model: '' },
  { id: 'ollama', name: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1', model: '' },
  { id: 'vllm', name: 'vLLM', baseUrl: 'http://127.0.0.1:8000/v1', model: '' },
] as const

/** Which of the secrets of a section. */
export const secretName = z.enum(['token', 'key'])

export const revealSecret = defineEndpoint({
  method: 'POST',
  path: '/connections/:system/secret',
  summary: 'Shows a stored secret to its owner, who gave the password again; recorded (D-23).',
  access: 'member',
  params: z.object({ system: personalSystem }),
  stepUp: true,
  body: z.object({ secret: secretName }),
  reply: z.object({ secret: z.string() }),
  repliesSecret: true,
  errors: [...refusals, 'session.step-up-needed', 'connection.not-set', 'jira.not-connected'],
})

export const readCertificate = defineEndpoint({
  method: 'POST',
  path: '/certificates/readings',
  summary: 'Says whose certificate a PEM text is, and whether it can be trusted as an authority.',
  access: 'member',
  body: z.object({ certificate: z.string().min(1).max(limits.certificateLengthMax) }),
  reply: certificate,
  errors: ['session.required', 'request.invalid', ...certificateRefusals],
})

const objectStoreSettings = z.object({
  endpoint: address,
  region: z.string().trim().min(1).max(60).default('us-east-1'),
  bucket: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  accessKeyId: z.string().trim().min(1).max(200),
  /** Absent: the stored one, if it is for the same server. */
  secretAccessKey: secretText.min(1).optional(),
  tls: tlsSettings,
})

export const objectStore = z.object({
  /** `files`: the data directory of the product, which needs no setting. */
  kind: z.enum(['files', 's3']),
  state: connectionState,
  endpoint: z.string().optional(),
  region: z.string().optional(),
  bucket: z.string().optional(),
  accessKeyId: z.string().optional(),
  secretHint: z.string().optional(),
  setAt: z.iso.datetime().optional(),
  lastPassedAt: z.iso.datetime().optional(),
  tls: standing.tls,
})
export type ObjectStore = z.output<typeof objectStore>

export const testObjectStore = defineEndpoint({
  method: 'POST',
  path: '/admin/object-store/test',
  summary: 'Tries a bucket: finds it, puts an object, reads it back and deletes it.',
  access: 'admin',
  body: objectStoreSettings,
  reply: testResult,
  errors: [...refusals, ...certificateRefusals, 'request.too-many', 'connection.not-set'],
})

export const saveObjectStore = defineEndpoint({
  method: 'PUT',
  path: '/admin/object-store',
  stepUp: true,
  summary: 'Keeps where files of the workspace lie; the secret encrypted.',
  access: 'admin',
  body: objectStoreSettings,
  reply: objectStore,
  errors: [...refusals, ...certificateRefusals, 'connection.not-set'],
})

export const removeObjectStore = defineEndpoint({
  method: 'DELETE',
  path: '/admin/object-store',
  stepUp: true,
  summary: 'Lets new files lie in the data directory again.',
  access: 'admin',
  reply: objectStore,
  errors: ['session.required'],
})

/** How a credential of somebody stands; never the credential. */
export const credentialState = z.object({
  userId: z.uuid(),
  employeeId: z.string(),
  displayName: z.string(),
  system: connectionSystem,
  state: connectionState,
  lastPassedAt: z.iso.datetime().optional(),
  failingSince: z.iso.datetime().optional(),
  failure: problem.optional(),
  checkedAt: z.iso.datetime().optional(),
  nextCheckAt: z.iso.datetime().optional(),
})
export type CredentialState = z.output<typeof credentialState>

export const workspaceConnections = z.object({
  credentials: z.array(credentialState),
  lastCheckedAt: z.iso.datetime().optional(),
  /** How many are due and not yet tried. */
  due: z.int(),
  jiraBaseUrls: z.array(z.string()),
  /** ALLOWED_INTEGRATION_HOSTS, as the environment says. */
  allowedHosts: z.array(z.string()),
  objectStore,
})

export const getWorkspaceConnections = defineEndpoint({
  method: 'GET',
  path: '/admin/connections',
  summary: 'Whose credentials work and whose are broken, and what the workspace may reach.',
  access: 'admin',
  reply: workspaceConnections,
  errors: ['session.required', 'session.not-allowed'],
})

export const checkCredentials = defineEndpoint({
  method: 'POST',
  path: '/admin/connections/check',
  summary: 'Makes the weekly check of every stored credential due now (OPS-9).',
  access: 'admin',
  status: 202,
  reply: z.object({ due: z.int() }),
  errors: ['session.required', 'session.not-allowed'],
})

export const saveJiraBaseUrls = defineEndpoint({
  method: 'PUT',
  path: '/admin/jira-base-urls',
  summary: 'Which addresses of Jira the workspace allows (D-2).',
  access: 'admin',
  body: z.object({ urls: z.array(address).max(20) }),
  reply: z.object({ urls: z.array(z.string()) }),
  errors: ['session.required', 'session.not-allowed', 'request.invalid'],
})

/** One card of the dashboard. Computed and enforced on the server (CFG-17). */
export const feature = z.object({
  name: z.enum(['stories', 'boards', 'connections', 'outbox']),
  state: z.enum(['open', 'degraded', 'needs-setup', 'broken']),
  /** Which connections the card waits for, or works without at the moment. */
  needs: z.array(z.object({ connection: connectionSystem, state: connectionState })),
})
export type Feature = z.output<typeof feature>

export const getDashboard = defineEndpoint({
  method: 'GET',
  path: '/dashboard',
  summary: 'Feature cards with their gates, and how much waits in the outbox.',
  access: 'member',
  reply: z.object({
    features: z.array(feature),
    outboxOpen: z.int(),
    /** Own credentials that do not work any more, found by use, by a test or by the weekly check. */
    broken: z.array(
      z.object({ connection: connectionSystem, failingSince: z.iso.datetime().optional() }),
    ),
  }),
  errors: ['session.required'],
})
