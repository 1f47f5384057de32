import { z } from 'zod'
import { connectionIdentity, connectionState, testResult } from './connections.ts'
import { defineEndpoint } from './endpoint.ts'
import { limits } from './limits.ts'
import { problem } from './problem.ts'

export const companyFileName = z.enum([
  'config.json',
  'header.json',
  'payload.json',
  'prompts.json',
])
export type CompanyFileName = z.output<typeof companyFileName>

const fileText = z.string().max(limits.companyFileLengthMax)

/** The four files that say how the company's own model is called (CFG-5 to CFG-8), as they are written. */
export const companyTexts = z.object({
  'config.json': fileText,
  'header.json': fileText,
  'payload.json': fileText,
  'prompts.json': fileText,
})
export type CompanyTexts = z.output<typeof companyTexts>

/** What is wrong with a file, and where; both texts in the language of the reader (CFG-9). */
export const companyFileProblem = z.object({
  file: companyFileName,
  /** RFC 6901; empty for the file as a whole. */
  pointer: z.string(),
  /** From 1; the column in UTF-16 units. */
  line: z.int(),
  column: z.int(),
  message: z.string(),
  fix: z.string(),
})
export type CompanyFileProblem = z.output<typeof companyFileProblem>

/** The company's model as one person sees it. Never the cookie. */
export const companyConnection = z.object({
  /** Whether the workspace has a company model at all. */
  isConfigured: z.boolean(),
  name: z.string().optional(),
  needsCookie: z.boolean(),
  state: connectionState,
  cookieHint: z.string().optional(),
  setAt: z.iso.datetime().optional(),
  lastPassedAt: z.iso.datetime().optional(),
  failingSince: z.iso.datetime().optional(),
  failure: problem.optional(),
  identity: connectionIdentity.optional(),
})
export type CompanyConnection = z.output<typeof companyConnection>

const cookie = z.string().trim().min(1).max(limits.cookieLengthMax)

export const getCompanyConnection = defineEndpoint({
  method: 'GET',
  path: '/connections/company-model',
  summary: 'The company model as far as it concerns the own cookie. Never the cookie.',
  access: 'member',
  reply: companyConnection,
  errors: ['session.required'],
})

export const saveCompanyCookie = defineEndpoint({
  method: 'PUT',
  path: '/connections/company-model',
  summary:
    'Keeps the own cookie of the company model, encrypted. Replacing one asks for the password once more.',
  access: 'member',
  /** Absent: the stored one stays. */
  body: z.object({ cookie: cookie.optional() }),
  reply: companyConnection,
  errors: [
    'session.required',
    'session.step-up-needed',
    'request.invalid',
    'secret.locked',
    'company-model.not-configured',
  ],
})

export const testCompanyModel = defineEndpoint({
  method: 'POST',
  path: '/connections/company-model/test',
  summary: 'Tries the company model with the stored cookie, or the one in the body, step by step.',
  access: 'member',
  body: z.object({ cookie: cookie.optional() }),
  reply: testResult,
  errors: [
    'session.required',
    'request.invalid',
    'request.too-many',
    'secret.locked',
    'company-model.not-configured',
    'company-model.cookie-missing',
  ],
})

export const removeCompanyCookie = defineEndpoint({
  method: 'DELETE',
  path: '/connections/company-model',
  summary: 'Forgets the own cookie of the company model.',
  access: 'member',
  stepUp: true,
  reply: companyConnection,
  errors: ['session.required'],
})

export const revealCompanyCookie = defineEndpoint({
  method: 'POST',
  path: '/connections/company-model/secret',
  summary: 'Shows the own cookie to its owner, who gave the password again; recorded (D-23).',
  access: 'member',
  stepUp: true,
  body: z.object({}),
  reply: z.object({ secret: z.string() }),
  repliesSecret: true,
  errors: ['session.required', 'secret.locked', 'company-model.cookie-missing'],
})

export const companyVersionSource = z.enum(['disk', 'editor', 'roll-back'])

export const companyVersion = z.object({
  number: z.int(),
  source: companyVersionSource,
  authorName: z.string().optional(),
  note: z.string(),
  createdAt: z.iso.datetime(),
  /** Which files differ from the version before. */
  changed: z.array(companyFileName),
})
export type CompanyVersion = z.output<typeof companyVersion>

/** What stands in the folder, compared with what is in force. */
export const companyDisk = z.object({
  state: z.enum(['same', 'absent', 'broken', 'unreadable']),
  problems: z.array(companyFileProblem),
  /** Where they are broken: as they stand there, to be repaired. */
  texts: companyTexts.optional(),
  checkedAt: z.iso.datetime(),
})

export const companyOverview = z.object({
  folder: z.string(),
  /** Absent where nothing is in force, and for the files of the demo. */
  version: companyVersion.optional(),
  isDemo: z.boolean(),
  /** What is in force. Absent: there is no company model. */
  texts: companyTexts.optional(),
  /** What one can begin with. */
  examples: companyTexts,
  disk: companyDisk,
})
export type CompanyOverview = z.output<typeof companyOverview>

export const getCompanyFiles = defineEndpoint({
  method: 'GET',
  path: '/admin/company-model',
  summary: 'The four files that are in force, and what stands in their folder.',
  access: 'admin',
  reply: companyOverview,
  errors: ['session.required', 'session.not-allowed'],
})

export const checkCompanyFiles = defineEndpoint({
  method: 'POST',
  path: '/admin/company-model/check',
  summary: 'Checks four files without keeping them; every problem with its place and remedy.',
  access: 'admin',
  body: z.object({ files: companyTexts }),
  reply: z.object({ problems: z.array(companyFileProblem) }),
  errors: ['session.required', 'session.not-allowed', 'request.invalid'],
})

const note = z.string().trim().max(200).default('')

export const saveCompanyFiles = defineEndpoint({
  method: 'PUT',
  path: '/admin/company-model',
  summary: 'Puts all four files in force at once, if all are good; a new version.',
  access: 'admin',
  stepUp: true,
  body: z.object({
    files: companyTexts,
    note,
    /** The version that was changed; absent where there was none. */
    basedOn: z.int().min(0).max(1_000_000_000).optional(),
  }),
  reply: companyOverview,
  errors: [
    'session.required',
    'session.not-allowed',
    'session.step-up-needed',
    'request.invalid',
    'company-model.invalid',
    'company-model.changed',
    'company-model.folder',
  ],
})

export const listCompanyVersions = defineEndpoint({
  method: 'GET',
  path: '/admin/company-model/versions',
  summary: 'The last 100 versions of the four files, the newest first.',
  access: 'admin',
  reply: z.object({ versions: z.array(companyVersion) }),
  errors: ['session.required', 'session.not-allowed'],
})

const versionParams = z.object({ number: z.coerce.number().int().min(1).max(1_000_000_000) })

export const getCompanyVersion = defineEndpoint({
  method: 'GET',
  path: '/admin/company-model/versions/:number',
  summary: 'One version of the four files, as they were written.',
  access: 'admin',
  params: versionParams,
  reply: z.object({ version: companyVersion, texts: companyTexts }),
  errors: ['session.required', 'session.not-allowed', 'company-model.version-not-found'],
})

export const restoreCompanyVersion = defineEndpoint({
  method: 'POST',
  path: '/admin/company-model/versions/:number/restore',
  summary: 'Puts an earlier version in force again, as a new version.',
  access: 'admin',
  stepUp: true,
  params: versionParams,
  body: z.object({ note }),
  reply: companyOverview,
  errors: [
    'session.required',
    'session.not-allowed',
    'session.step-up-needed',
    'company-model.version-not-found',
    'company-model.invalid',
    'company-model.changed',
    'company-model.folder',
  ],
})
