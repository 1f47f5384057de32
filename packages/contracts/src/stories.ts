import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { language } from './installation.ts'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'
import { operation } from './operations.ts'
import { problem } from './problem.ts'
import { run } from './runs.ts'
import { storyContent } from './story-content.ts'
import { storyRules } from './story-rules.ts'

export const storyFormat = z.enum(['classic', 'bdd'])

const projectKey = z
  .string()
  .trim()
  .regex(/^[A-Z][A-Z0-9_]+$/)

/** Who wrote a version. `offline`: nobody did, it was put together without a model (D-9). */
export const versionSource = z.enum(['model', 'edit', 'offline'])

export const storyVersion = z.object({
  number: z.int(),
  source: versionSource,
  instruction: z.string().optional(),
  /** Which model wrote it; absent for edits and offline drafts. */
  model: z.string().optional(),
  content: storyContent,
  brokenRules: z.array(z.enum(storyRules)),
  createdAt: z.iso.datetime(),
})
export type StoryVersion = z.output<typeof storyVersion>

/** How a field of Jira's create screen is filled in. */
export const jiraFieldKind = z.enum([
  'text',
  'long-text',
  'number',
  'date',
  'datetime',
  'url',
  'choice',
  'choices',
  'cascade',
  'user',
  'users',
  'group',
  'groups',
  'labels',
  'issue',
])
export type JiraFieldKind = z.output<typeof jiraFieldKind>

const jiraOption = z.object({ id: z.string(), label: z.string() })

/** A field that this project wants filled in besides those that the story fills (CON-11). */
export const jiraField = z.object({
  id: z.string(),
  /** As Jira shows it, in its language. */
  name: z.string(),
  kind: jiraFieldKind,
  /** Absent where anything may be typed. */
  options: z.array(jiraOption.extend({ children: z.array(jiraOption).optional() })).optional(),
  /** One text each; of a cascade the choice and what follows from it. */
  values: z.array(z.string()),
  /** What Jira would refuse. */
  problem: z.enum(['missing', 'not-a-choice', 'malformed', 'too-long']).optional(),
  /** The values are those of the last story of this project and type. */
  isRemembered: z.boolean(),
})
export type JiraField = z.output<typeof jiraField>

/** Exactly what Jira will get (STY-14); the hash is what an approval approves (D-25). */
export const payloadPreview = z.object({
  payloadHash: z.string(),
  projectKey,
  issueType: z.string(),
  summary: z.string(),
  /** The description as Markdown: what the page renders. */
  description: z.string(),
  /** The same as it leaves for Jira: wiki markup, or the JSON text of an ADF document. */
  rawDescription: z.string(),
  rawFormat: z.enum(['wiki', 'adf']),
  /** Further fields with the names that Jira shows. */
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  labels: z.array(z.string()),
  /** What else this project wants filled in. */
  asked: z.array(jiraField),
  /** Codes of what the reader should know, such as points that this type has no field for. */
  notes: z.array(
    z.enum([
      'points-in-description',
      'marker-in-description',
      'no-description',
      'metadata-unknown',
    ]),
  ),
  account: z.string(),
  jiraUrl: z.string(),
})
export type PayloadPreview = z.output<typeof payloadPreview>

/**
 * `new`: nothing written. `writing`: a run is on. `draft`: ready to be corrected. `approved`: the
 * write is in the outbox. `created`: it stands in Jira.
 */
export const storyState = z.enum(['new', 'writing', 'draft', 'approved', 'created'])

const input = {
  requirement: graphemeText(limits.requirementGraphemes),
  format: storyFormat,
  language,
  projectKey: projectKey.optional(),
  issueType: z.string().trim().min(1).max(100).optional(),
}

export const storySummary = z.object({
  id: z.uuid(),
  state: storyState,
  /** Summary of the newest version, else the beginning of the requirement. */
  title: z.string(),
  projectKey: projectKey.optional(),
  issueKey: z.string().optional(),
  issueUrl: z.string().optional(),
  updatedAt: z.iso.datetime(),
})
export type StorySummary = z.output<typeof storySummary>

export const story = storySummary.extend({
  ...input,
  createdAt: z.iso.datetime(),
  versions: z.array(storyVersion),
  run: run.optional(),
  operation: operation.optional(),
  preview: payloadPreview.optional(),
  /** Why there is no preview although there is a version. */
  previewProblem: problem.optional(),
})
export type Story = z.output<typeof story>

const params = z.object({ storyId: z.uuid() })
const reply = z.object({ story })

export const listStories = defineEndpoint({
  method: 'GET',
  path: '/stories',
  summary: 'The own stories, newest first.',
  access: 'member',
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
  reply: z.object({ stories: z.array(storySummary) }),
  errors: ['session.required'],
})

export const createStory = defineEndpoint({
  method: 'POST',
  path: '/stories',
  summary: 'Begins a story from a requirement. Nothing is written or sent yet.',
  access: 'member',
  status: 201,
  body: z.object({ ...input }),
  reply,
  errors: ['session.required', 'request.invalid', 'feature.closed', 'idempotency.mismatch'],
})

export const getStory = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId',
  summary: 'A story with its versions, the running generation and its way to Jira.',
  access: 'member',
  params,
  reply,
  errors: ['session.required', 'story.not-found'],
})

export const updateStory = defineEndpoint({
  method: 'PATCH',
  path: '/stories/:storyId',
  summary: 'Keeps requirement, format, project or issue type as they are typed.',
  access: 'member',
  params,
  body: z.object(input).partial(),
  reply,
  errors: ['session.required', 'request.invalid', 'story.not-found', 'story.already-approved'],
})

export const deleteStory = defineEndpoint({
  method: 'DELETE',
  path: '/stories/:storyId',
  summary: 'Deletes a story that was not approved.',
  access: 'member',
  params,
  reply: z.object({}),
  errors: ['session.required', 'story.not-found', 'story.already-approved'],
})

export const writeStory = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/write',
  summary: 'Lets the model write the story, or change it by an instruction. Follow the run.',
  access: 'member',
  status: 202,
  params,
  body: z.object({ instruction: graphemeText(limits.instructionGraphemes).optional() }),
  reply: z.object({ run }),
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.already-approved',
    'story.busy',
    'story.no-requirement',
    'feature.closed',
  ],
})

export const editStory = defineEndpoint({
  method: 'PUT',
  path: '/stories/:storyId/content',
  summary: 'Keeps a correction by hand as a new version.',
  access: 'member',
  params,
  body: z.object({ basedOn: z.int().min(0).max(limits.versionsMax), content: storyContent }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.already-approved',
    'story.version-changed',
    'story.busy',
  ],
})

export const fillJiraFields = defineEndpoint({
  method: 'PUT',
  path: '/stories/:storyId/jira-fields',
  summary: 'Fills in what else the project wants; an approval remembers it for the next story.',
  access: 'member',
  params,
  body: z.object({
    values: z.record(z.string().max(100), z.array(z.string().max(32_767)).max(50)),
  }),
  reply,
  errors: ['session.required', 'request.invalid', 'story.not-found', 'story.already-approved'],
})

export const approveStory = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/approve',
  summary: 'Sends exactly what was shown to Jira, once. Approving twice gives the same issue.',
  access: 'member',
  status: 202,
  params,
  body: z.object({
    version: z.int().min(0).max(limits.versionsMax),
    payloadHash: z.string().min(1).max(100),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.busy',
    'story.not-ready',
    'story.offline-draft',
    'story.payload-changed',
    'story.fields-missing',
    'feature.closed',
  ],
})

export const jiraProject = z.object({ key: projectKey, name: z.string() })

export const listJiraProjects = defineEndpoint({
  method: 'GET',
  path: '/jira/projects',
  summary: 'The projects that the own Jira token sees; last known ones while Jira is away.',
  access: 'member',
  reply: z.object({
    projects: z.array(jiraProject),
    asOf: z.iso.datetime(),
    /** Why the list is not of this moment (D-10). */
    stale: problem.optional(),
  }),
  errors: ['session.required', 'feature.closed', 'jira.unavailable'],
})

export const listJiraIssueTypes = defineEndpoint({
  method: 'GET',
  path: '/jira/projects/:projectKey/issue-types',
  summary: 'The issue types of a project; last known ones while Jira is away.',
  access: 'member',
  params: z.object({ projectKey }),
  reply: z.object({
    issueTypes: z.array(z.object({ id: z.string(), name: z.string(), subtask: z.boolean() })),
    asOf: z.iso.datetime(),
    stale: problem.optional(),
  }),
  errors: ['session.required', 'feature.closed', 'jira.unavailable'],
})
