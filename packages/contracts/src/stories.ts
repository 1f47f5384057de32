import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { language } from './installation.ts'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'
import { operation, operationState } from './operations.ts'
import { problem } from './problem.ts'
import { run } from './runs.ts'
import { storyChild, storyContent } from './story-content.ts'
import { storyPromptRef } from './story-prompts.ts'
import { effectiveRule, ruleResult, storyRule } from './story-rules.ts'

/** `custom`: laid out by a template of the person or the project. */
export const storyFormat = z.enum(['classic', 'bdd', 'custom'])

const projectKey = z
  .string()
  .trim()
  .regex(/^[A-Z][A-Z0-9_]+$/)

/**
 * Who wrote a version. `offline`: nobody did, it was put together without a model (D-9). `restore`:
 * an earlier version, taken up again.
 */
export const versionSource = z.enum(['model', 'edit', 'offline', 'restore'])

/** What a person wrote by hand, and what a model therefore leaves as it is (STY-15). */
export const storyEdits = z.object({
  /** Paths of texts, such as `summary` or `stlcNotes.data`. */
  fields: z.array(z.string()),
  /** Criteria as they were typed. */
  criteria: z.array(z.string()),
  /** Criteria that were taken out. */
  removed: z.array(z.string()),
  /** Names of scenarios that were written or changed. */
  scenarios: z.array(z.string()),
})
export type StoryEdits = z.output<typeof storyEdits>

/** Where a model wanted something else than what a person had typed. */
export const keptEdit = z.object({
  path: z.string(),
  /** What stands there, by hand. */
  kept: z.string(),
  /** What the model proposed instead; to be taken over by a click. */
  proposed: z.string(),
})
export type KeptEdit = z.output<typeof keptEdit>

export const storyVersion = z.object({
  number: z.int(),
  source: versionSource,
  instruction: z.string().optional(),
  /** Which model wrote it; absent for edits and offline drafts. */
  model: z.string().optional(),
  content: storyContent,
  /** What it was split into; absent for a story that is small enough. */
  children: z.array(storyChild).optional(),
  /** The rules that keep it from being approved. */
  brokenRules: z.array(storyRule),
  /** Everything by hand in it so far. */
  edits: storyEdits,
  /** What this generation left as it was because it was written by hand. */
  keptEdits: z.array(keptEdit),
  /** Number of the version that was taken up again. */
  restoredFrom: z.int().optional(),
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

const issuePreview = z.object({
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
  /** Codes of what the reader should know, such as points that this type has no field for. */
  notes: z.array(
    z.enum([
      'points-in-description',
      'marker-in-description',
      'no-description',
      'metadata-unknown',
      'assignee-not-on-screen',
      'components-not-on-screen',
      'labels-not-on-screen',
    ]),
  ),
})
export type IssuePreview = z.output<typeof issuePreview>

/** A join between issues, made after them. `from` and `to`: a key, or `story`, or `child.<index>`. */
const joinPreview = z.object({
  kind: z.enum(['link', 'epic']),
  /** Name of the kind of link, as Jira has it. */
  type: z.string(),
  from: z.string(),
  to: z.string(),
})

/** Exactly what Jira will get (STY-14); the hash is what an approval approves (D-25). */
export const payloadPreview = issuePreview.extend({
  payloadHash: z.string(),
  projectKey,
  /** False for a split into an epic that is there: the whole story itself makes no issue. */
  isCreated: z.boolean(),
  /** Of a split: each child, in their order; made after the whole story. */
  children: z.array(issuePreview),
  joins: z.array(joinPreview),
  /** What else this project wants filled in. */
  asked: z.array(jiraField),
  /**
   * Of an approval that stopped half way: what is left to be sent, by title. An approval then
   * approves these alone; what is made stays made.
   */
  left: z.array(z.string()).optional(),
  account: z.string(),
  jiraUrl: z.string(),
})
export type PayloadPreview = z.output<typeof payloadPreview>

const issueKey = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z][A-Z0-9_]+-\d{1,10}$/)
const fieldText = z.string().trim().min(1).max(255)

/** What an issue carries besides the story. What the create screen does not have is told as a note. */
export const jiraExtras = z.object({
  /** As `listAssignees` gives it. */
  assignee: z.object({ id: fieldText, name: fieldText }).optional(),
  labels: z
    .array(
      z
        .string()
        .trim()
        .regex(/^\S{1,255}$/),
    )
    .max(limits.storyLabelsMax)
    .default([]),
  /** Names of components of the project. */
  components: z.array(fieldText).max(limits.storyComponentsMax).default([]),
  epicKey: issueKey.optional(),
  /** `outward`: the story blocks the other; `inward`: it is blocked by it. */
  links: z
    .array(z.object({ type: fieldText, direction: z.enum(['outward', 'inward']), key: issueKey }))
    .max(limits.storyLinksMax)
    .default([]),
  /**
   * Of a split. `parent`: the whole story becomes an issue, the children are linked to it. `epic`: the
   * children go into the epic, and the whole story makes no issue.
   */
  splitUnder: z.enum(['parent', 'epic']).default('parent'),
})
export type JiraExtras = z.output<typeof jiraExtras>

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
  /** A project of StudioOps, whose rules and documents count; absent: personal. */
  projectId: z.uuid().optional(),
  /** Needed for the format `custom`: its newest version is taken. */
  templateId: z.uuid().optional(),
  prompt: storyPromptRef.default('default'),
}

export const storySummary = z.object({
  id: z.uuid(),
  state: storyState,
  /** Summary of the newest version, else the beginning of the requirement. */
  title: z.string(),
  projectKey: projectKey.optional(),
  projectId: z.uuid().optional(),
  issueKey: z.string().optional(),
  issueUrl: z.string().optional(),
  /** How many stories it was split into; absent where it was not. */
  children: z.int().optional(),
  /** Rules that keep a draft from being approved; absent where nothing is written. */
  brokenRules: z.array(storyRule).optional(),
  updatedAt: z.iso.datetime(),
})
export type StorySummary = z.output<typeof storySummary>

/** Where one criterion of the whole story went (STY-8). */
export const coverageRow = z.object({
  criterion: z.string(),
  index: z.int(),
  /** Children that have it, from 0; empty: it is lost. */
  children: z.array(z.int()),
})

/** An issue of the approval, with where it stands: its keys and links, to be copied. */
export const storyIssue = z.object({
  /** From 0; absent for the whole story. */
  child: z.int().optional(),
  title: z.string(),
  operationId: z.uuid(),
  state: operationState,
  key: z.string().optional(),
  url: z.string().optional(),
  problem: problem.optional(),
})
export type StoryIssue = z.output<typeof storyIssue>

export const story = storySummary.extend({
  ...input,
  prompt: storyPromptRef,
  template: z.object({ id: z.uuid(), version: z.int(), name: z.string() }).optional(),
  extras: jiraExtras,
  createdAt: z.iso.datetime(),
  versions: z.array(storyVersion),
  /** The rules as they hold for this story. */
  rules: z.array(effectiveRule),
  /** How the newest version stands to them. */
  checks: z.array(ruleResult),
  /** Of a split, by criterion of the whole story. */
  coverage: z.array(coverageRow).optional(),
  /** Holds for one version only. */
  bypass: z
    .object({
      version: z.int(),
      reason: z.string(),
      rules: z.array(storyRule),
      at: z.iso.datetime(),
    })
    .optional(),
  /** Of the approval: the whole story first, then the children. */
  issues: z.array(storyIssue),
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
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    /** Only those in this state. */
    state: storyState.optional(),
    projectId: z.uuid().optional(),
  }),
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
  errors: [
    'session.required',
    'request.invalid',
    'feature.closed',
    'idempotency.mismatch',
    'project.not-found',
    'story.template-not-found',
  ],
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
  summary: 'Keeps requirement, format, project, issue type or extras as they are typed.',
  access: 'member',
  params,
  body: z.object({
    ...z.object(input).partial().shape,
    prompt: storyPromptRef.optional(),
    /** Null: personal again. */
    projectId: z.uuid().nullable().optional(),
    templateId: z.uuid().nullable().optional(),
    /** The whole of them; those that are not named are taken out. */
    extras: jiraExtras.optional(),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.already-approved',
    'project.not-found',
    'story.template-not-found',
  ],
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
  body: z.object({
    instruction: graphemeText(limits.instructionGraphemes).optional(),
    /** Of a split: changes this child only, from 0; needs an instruction. */
    child: z.int().min(0).max(limits.childrenMax).optional(),
    /** False: what was written by hand may be rewritten too. */
    keepEdits: z.boolean().default(true),
    /** True: cuts the story into smaller ones, whatever its points. */
    split: z.boolean().default(false),
  }),
  reply: z.object({ run }),
  errors: [
    'session.required',
    'story.child-not-found',
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
  body: z.object({
    basedOn: z.int().min(0).max(limits.versionsMax),
    content: storyContent,
    /** Of a split. Absent: as they were. Empty: one story again. */
    children: z.array(storyChild).max(limits.childrenMax).optional(),
  }),
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

export const restoreStoryVersion = defineEndpoint({
  method: 'POST',
  path: '/stories/:storyId/restore',
  summary: 'Takes an earlier version up again, as a new one; nothing in between is lost.',
  access: 'member',
  params,
  body: z.object({
    version: z.int().min(1).max(limits.versionsMax),
    /** The newest version that the page knows. */
    basedOn: z.int().min(1).max(limits.versionsMax),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.already-approved',
    'story.version-changed',
    'story.version-not-found',
    'story.busy',
  ],
})

export const bypassRules = defineEndpoint({
  method: 'PUT',
  path: '/stories/:storyId/bypass',
  summary:
    'Lets the newest version be approved although it breaks rules; with a reason, and recorded (STY-13).',
  access: 'admin',
  params,
  body: z.object({
    version: z.int().min(1).max(limits.versionsMax),
    reason: graphemeText(limits.bypassReasonGraphemes).pipe(z.string().min(3)),
  }),
  reply,
  errors: [
    'session.required',
    'request.invalid',
    'story.not-found',
    'story.already-approved',
    'story.version-changed',
    'story.nothing-to-bypass',
    'story.busy',
  ],
})

export const withdrawBypass = defineEndpoint({
  method: 'DELETE',
  path: '/stories/:storyId/bypass',
  summary: 'Holds the story to the rules again.',
  access: 'admin',
  params,
  reply,
  errors: ['session.required', 'story.not-found', 'story.already-approved'],
})

export const findDuplicates = defineEndpoint({
  method: 'GET',
  path: '/stories/:storyId/duplicates',
  summary: 'Issues of the project that are much like the newest version; asks Jira now.',
  access: 'member',
  params,
  reply: z.object({
    duplicates: z.array(
      z.object({
        key: z.string(),
        summary: z.string(),
        status: z.string(),
        url: z.string(),
        /** Share of the words that both have: 0 to 1. */
        likeness: z.number(),
      }),
    ),
    checkedAt: z.iso.datetime().optional(),
    /** Why Jira was not asked, or did not answer. */
    problem: problem.optional(),
  }),
  errors: ['session.required', 'story.not-found'],
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

/** Several drafts at once: each with what was shown of it, each answered by itself. */
export const approveStories = defineEndpoint({
  method: 'POST',
  path: '/stories/approve',
  summary: 'Approves several stories as they were shown. One that is refused holds up no other.',
  access: 'member',
  status: 202,
  body: z.object({
    stories: z
      .array(
        z.object({
          storyId: z.uuid(),
          version: z.int().min(0).max(limits.versionsMax),
          payloadHash: z.string().min(1).max(100),
        }),
      )
      .min(1)
      .max(limits.approveAtOnceMax),
  }),
  reply: z.object({
    results: z.array(
      z.object({
        storyId: z.uuid(),
        isApproved: z.boolean(),
        problem: problem.optional(),
      }),
    ),
  }),
  errors: ['session.required', 'request.invalid', 'feature.closed'],
})

/** For bulk approval: what each draft would send, or why it may not. */
export const previewStories = defineEndpoint({
  method: 'POST',
  path: '/stories/preview',
  summary: 'What several drafts would send to Jira, for approving them together.',
  access: 'member',
  body: z.object({ storyIds: z.array(z.uuid()).min(1).max(limits.approveAtOnceMax) }),
  reply: z.object({
    previews: z.array(
      z.object({
        storyId: z.uuid(),
        title: z.string(),
        version: z.int(),
        brokenRules: z.array(storyRule),
        isBypassed: z.boolean(),
        preview: payloadPreview.optional(),
        problem: problem.optional(),
      }),
    ),
  }),
  errors: ['session.required', 'request.invalid', 'feature.closed'],
})

export const exportStories = defineEndpoint({
  method: 'POST',
  path: '/stories/export',
  summary: 'Stories as CSV or Markdown, for where Jira is away for good. Nothing is sent.',
  access: 'viewer',
  body: z.object({
    format: z.enum(['csv', 'markdown']),
    /** Absent: all drafts, at most 200. */
    storyIds: z.array(z.uuid()).min(1).max(limits.exportMax).optional(),
  }),
  reply: z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() }),
  errors: ['session.required', 'request.invalid'],
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

const away = ['session.required', 'request.invalid', 'feature.closed', 'jira.unavailable'] as const
const projectParams = z.object({ projectKey })

export const listAssignees = defineEndpoint({
  method: 'GET',
  path: '/jira/projects/:projectKey/assignees',
  summary: 'People to whom issues of the project can be given, at most 50.',
  access: 'member',
  params: projectParams,
  reply: z.object({
    assignees: z.array(z.object({ id: z.string(), name: z.string() })),
    stale: problem.optional(),
  }),
  errors: away,
})

export const listComponents = defineEndpoint({
  method: 'GET',
  path: '/jira/projects/:projectKey/components',
  summary: 'The components of the project, as its create screen offers them.',
  access: 'member',
  params: projectParams,
  query: z.object({ issueType: z.string().trim().min(1).max(100) }),
  reply: z.object({ components: z.array(z.string()) }),
  errors: away,
})

export const listEpics = defineEndpoint({
  method: 'GET',
  path: '/jira/projects/:projectKey/epics',
  summary: 'Epics of the project that are not done, newest first, at most 50.',
  access: 'member',
  params: projectParams,
  query: z.object({ query: z.string().trim().max(200).default('') }),
  reply: z.object({ epics: z.array(z.object({ key: z.string(), summary: z.string() })) }),
  errors: away,
})

export const listLinkTypes = defineEndpoint({
  method: 'GET',
  path: '/jira/link-types',
  summary: 'The kinds of links that this Jira has.',
  access: 'member',
  reply: z.object({ linkTypes: z.array(z.string()), stale: problem.optional() }),
  errors: away,
})

export const searchIssues = defineEndpoint({
  method: 'GET',
  path: '/jira/issues',
  summary: 'Issues by key or words, for links and as context; new ones may be missing for a while.',
  access: 'member',
  query: z.object({ query: z.string().trim().min(1).max(200), projectKey: projectKey.optional() }),
  reply: z.object({
    issues: z.array(z.object({ key: z.string(), summary: z.string(), status: z.string() })),
  }),
  errors: away,
})
