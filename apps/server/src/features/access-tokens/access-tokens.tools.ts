import type { AccessScope } from '@studioops/contracts/access-tokens'
import type { ConnectionState } from '@studioops/contracts/connections'
import type { Language } from '@studioops/contracts/installation'
import type { Operation } from '@studioops/contracts/operations'
import {
  type Story,
  storyFormat,
  storyState,
  type StorySummary,
} from '@studioops/contracts/stories'
import { ruleWords } from '@studioops/contracts/story-rules'
import { z } from 'zod'
import { type Tool, toolsOf } from '../../integrations/mcp/tool.ts'
import type { ToolServer } from '../../integrations/mcp/tool-server.ts'
import type { StoryService } from '../stories/index.ts'

type Asked = { readonly userId: string; readonly storyId: string; readonly language: Language }

/** What the tools work with, as one person. */
export type StudioDesk = {
  readonly userId: string
  readonly language: Language
  /** Of the product's pages; no slash at the end. */
  readonly origin: string
  readonly stories: Pick<StoryService, 'list' | 'search' | 'create'> & {
    readonly show: (asked: Asked) => Promise<Story>
    readonly write: (asked: Asked, instruction: string | undefined) => Promise<unknown>
    readonly approve: (
      asked: Asked,
      shown: { readonly version: number; readonly payloadHash: string },
    ) => Promise<Story>
  }
  readonly operations: (limit: number) => Promise<readonly Operation[]>
  readonly health: () => Promise<{
    readonly product: 'well' | 'impaired'
    readonly connections: readonly {
      readonly system: string
      readonly state: ConnectionState
      readonly failingSince?: string | undefined
    }[]
  }>
}

const scoped = {
  read: 'stories.read',
  draft: 'stories.draft',
  approve: 'stories.approve',
  waiting: 'waiting.read',
  health: 'health.read',
} as const satisfies Record<string, AccessScope>

const studioTool = toolsOf<StudioDesk>()

const summary = z.object({
  id: z.string(),
  title: z.string(),
  state: storyState,
  projectKey: z.string().optional(),
  issueKey: z.string().optional(),
  issueUrl: z.string().optional(),
  updatedAt: z.string(),
  /** The page where a person reads, corrects and approves it. */
  pageUrl: z.string(),
})

const storyId = z.uuid().describe('Id of the story, from a search.')
const text = z.string().trim().min(1)

function summarise({ origin }: StudioDesk, story: StorySummary): z.output<typeof summary> {
  const { id, title, state, projectKey, issueKey, issueUrl, updatedAt } = story
  const pageUrl = `${origin}/stories/${id}`
  return { id, title, state, projectKey, issueKey, issueUrl, updatedAt, pageUrl }
}

const readingTools = [
  studioTool({
    name: 'studioops_search_stories',
    title: 'Search stories',
    description: "The person's own stories that hold every word of the query, newest first.",
    toolset: scoped.read,
    effect: 'read',
    scope: 'none',
    input: z.object({
      query: z.string().trim().max(500).default('').describe('Words; empty for the newest.'),
      state: storyState.optional().describe('Only stories in this state.'),
      limit: z.int().min(1).max(50).default(10).describe('1 to 50.'),
    }),
    output: z.object({ stories: z.array(summary) }),
    async run(desk, { query, state, limit }) {
      const found = await desk.stories.search(desk.userId, query, state === undefined ? limit : 500)
      const wanted = found.filter((story) => state === undefined || story.state === state)
      return { stories: wanted.slice(0, limit).map((story) => summarise(desk, story)) }
    },
  }),
  studioTool({
    name: 'studioops_get_story',
    title: 'Read a story',
    description: 'One story with its newest text and the rules that it breaks.',
    toolset: scoped.read,
    effect: 'read',
    scope: 'none',
    input: z.object({ story_id: storyId }),
    output: z.object({
      ...summary.shape,
      requirement: z.string(),
      version: z.int(),
      /** What the model wants to know before it goes on; answered on the page of the story. */
      question: z.string().optional(),
      /** Absent while nothing is written. */
      content: z.record(z.string(), z.unknown()).optional(),
      brokenRules: z.array(z.string()),
      /** What it was split into. */
      children: z.array(z.record(z.string(), z.unknown())),
    }),
    async run(desk, { story_id: id }) {
      const story = await show(desk, id)
      const newest = story.versions.at(-1)
      return {
        ...summarise(desk, story),
        requirement: story.requirement,
        version: newest?.number ?? 0,
        question: story.run?.question?.question,
        content: newest?.content,
        brokenRules: newest?.brokenRules ?? [],
        children: (newest?.children ?? []).map(({ content }) => ({ ...content })),
      }
    },
  }),
  studioTool({
    name: 'studioops_check_story',
    title: 'Check a story',
    description:
      'Holds a story to every rule that counts for it: what is met, what is broken and where, what ' +
      'to do about it; and for a split, in which part each criterion is.',
    toolset: scoped.read,
    effect: 'read',
    scope: 'none',
    input: z.object({ story_id: storyId }),
    output: z.object({
      mayBeApproved: z.boolean(),
      rules: z.array(
        z.object({
          rule: z.string(),
          mode: z.string(),
          verdict: z.string(),
          says: z.string(),
          fix: z.string(),
          places: z.array(z.string()),
        }),
      ),
      coverage: z.array(z.object({ criterion: z.string(), parts: z.array(z.int()) })),
    }),
    async run(desk, { story_id: id }) {
      const story = await show(desk, id)
      const { language } = desk
      const isWritten = story.versions.length > 0
      return {
        mayBeApproved: isWritten && (story.brokenRules ?? []).length === 0,
        rules: story.checks.map((result) => ({
          rule: result.rule,
          mode: result.mode,
          verdict: result.verdict,
          says: ruleWords(result, { language, of: 'message' }),
          fix: ruleWords(result, { language, of: 'fix' }),
          places: result.findings.map(({ at, child }) =>
            child === undefined ? at : `children.${child}.${at}`,
          ),
        })),
        coverage: (story.coverage ?? []).map(({ criterion, children: parts }) => ({
          criterion,
          parts,
        })),
      }
    },
  }),
  studioTool({
    name: 'studioops_preview_story',
    title: 'What Jira will get',
    description: 'Exactly what an approval of a draft would send to Jira, with the hash of it.',
    toolset: scoped.read,
    effect: 'read',
    scope: 'none',
    input: z.object({ story_id: storyId }),
    output: z.object({
      version: z.int(),
      payloadHash: z.string().optional(),
      project: z.string().optional(),
      issues: z.array(z.object({ type: z.string(), summary: z.string(), description: z.string() })),
      joins: z.array(z.string()),
      /** Why there is nothing to show. */
      reason: z.string().optional(),
    }),
    async run(desk, { story_id: id }) {
      const { preview, previewProblem, versions } = await show(desk, id)
      const version = versions.at(-1)?.number ?? 0
      if (preview === undefined)
        return { version, issues: [], joins: [], reason: previewProblem?.detail }
      const { payloadHash, projectKey: project, isCreated, children, joins } = preview
      const issues = [...(isCreated ? [preview] : []), ...children]
      return {
        version,
        payloadHash,
        project,
        issues: issues.map(({ issueType: type, summary: title, description }) => ({
          type,
          summary: title,
          description,
        })),
        joins: joins.map(({ type, from, to }) => `${from} ${type} ${to}`),
      }
    },
  }),
]

const approvingTools = [
  studioTool({
    name: 'studioops_approve_story',
    title: 'Approve a story',
    description:
      'Sends a draft to Jira exactly as studioops_preview_story showed it, once. Only with a token ' +
      'whose person allowed it, and only after that person has seen the payload: its hash is needed.',
    toolset: scoped.approve,
    effect: 'write',
    scope: 'none',
    input: z.object({
      story_id: storyId,
      version: z.int().min(1).max(1_000_000).describe('As the preview said.'),
      payload_hash: z.string().min(1).max(100).describe('As the preview said.'),
    }),
    output: summary,
    async run(desk, { story_id: id, version, payload_hash: payloadHash }) {
      const asked = { userId: desk.userId, storyId: id, language: desk.language }
      return summarise(desk, await desk.stories.approve(asked, { version, payloadHash }))
    },
  }),
]

const draftingTools = [
  studioTool({
    name: 'studioops_draft_story',
    title: 'Draft a story',
    description:
      'Begins a story from a requirement and lets the model of the person write it. Nothing ' +
      'leaves StudioOps: a person approves it on its page, and only then it is created in Jira. ' +
      'Writing takes a while: ask studioops_get_approval_status.',
    toolset: scoped.draft,
    effect: 'write',
    scope: 'none',
    input: z.object({
      requirement: text.max(8_000).describe('What is wanted, in plain words, Hebrew or English.'),
      format: storyFormat.default('classic').describe('classic, or bdd for Given, When, Then.'),
      language: z.enum(['he', 'en']).default('en').describe('Of the story.'),
      project_key: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]+$/)
        .optional()
        .describe('Key of the Jira project, such as PAY.'),
      issue_type: z.string().min(1).max(100).optional().describe('Such as Story.'),
      write: z.boolean().default(true).describe('False: keep the requirement, write later.'),
    }),
    output: summary,
    async run(desk, { write, project_key: projectKey, issue_type: issueType, ...input }) {
      const asked = { userId: desk.userId, language: desk.language }
      const made = await desk.stories.create(asked, { ...input, projectKey, issueType })
      if (!write) return summarise(desk, made)
      await desk.stories.write({ ...asked, storyId: made.id }, undefined)
      return summarise(desk, await show(desk, made.id))
    },
  }),
  studioTool({
    name: 'studioops_revise_story',
    title: 'Change a draft',
    description:
      'Lets the model change a draft by an instruction. A story that is approved stays as it is.',
    toolset: scoped.draft,
    effect: 'write',
    scope: 'none',
    input: z.object({
      story_id: storyId,
      instruction: text.max(2_000).describe('What shall be different.'),
    }),
    output: summary,
    async run(desk, { story_id: id, instruction }) {
      await desk.stories.write(
        { userId: desk.userId, storyId: id, language: desk.language },
        instruction,
      )
      return summarise(desk, await show(desk, id))
    },
  }),
]

const waiting = z.object({
  kind: z.enum(['approval', 'operation']),
  id: z.string(),
  title: z.string(),
  state: z.string(),
  /** Why it waits, where it is known. */
  reason: z.string().optional(),
  pageUrl: z.string(),
})

const waitingTools = [
  studioTool({
    name: 'studioops_get_approval_status',
    title: 'Approval of a story',
    description: 'Whether a story waits for a person, was approved, and what came of it in Jira.',
    toolset: scoped.waiting,
    effect: 'read',
    scope: 'none',
    input: z.object({ story_id: storyId }),
    output: z.object({
      ...summary.shape,
      /** Who has to do what next. */
      next: z.enum(['write', 'wait-for-model', 'approve', 'wait-for-jira', 'decide', 'none']),
      operationState: z.string().optional(),
      reason: z.string().optional(),
    }),
    async run(desk, { story_id: id }) {
      const story = await show(desk, id)
      return {
        ...summarise(desk, story),
        next: nextOf(story),
        operationState: story.operation?.state,
        reason: story.operation?.problem?.detail ?? story.previewProblem?.detail,
      }
    },
  }),
  studioTool({
    name: 'studioops_list_waiting',
    title: 'What waits',
    description: 'Drafts that wait for approval, and writes to the outside that are not done yet.',
    toolset: scoped.waiting,
    effect: 'read',
    scope: 'none',
    input: z.object({ limit: z.int().min(1).max(50).default(20).describe('1 to 50.') }),
    output: z.object({ waiting: z.array(waiting) }),
    async run(desk, { limit }) {
      const [stories, operations] = await Promise.all([
        desk.stories.list(desk.userId, 100),
        desk.operations(100),
      ])
      const drafts = stories.filter(({ state }) => state === 'draft')
      const open = operations.filter(({ state }) => !endedStates.has(state))
      const all = [
        ...drafts.map((story) => ({
          kind: 'approval' as const,
          id: story.id,
          title: story.title,
          state: story.state,
          pageUrl: `${desk.origin}/stories/${story.id}`,
        })),
        ...open.map((operation) => ({
          kind: 'operation' as const,
          id: operation.id,
          title: operation.title,
          state: operation.state,
          reason: operation.problem?.detail,
          pageUrl: `${desk.origin}/outbox`,
        })),
      ]
      return { waiting: all.slice(0, limit) }
    },
  }),
  studioTool({
    name: 'studioops_get_service_health',
    title: 'Service health',
    description: 'Whether StudioOps is well, and whether the connections of the person work.',
    toolset: scoped.health,
    effect: 'read',
    scope: 'none',
    input: z.object({}),
    output: z.object({
      product: z.enum(['well', 'impaired']),
      connections: z.array(
        z.object({
          system: z.string(),
          state: z.string(),
          failingSince: z.string().optional(),
        }),
      ),
    }),
    async run(desk) {
      const { product, connections } = await desk.health()
      return { product, connections: connections.map((connection) => ({ ...connection })) }
    },
  }),
]

const endedStates: ReadonlySet<string> = new Set(['done', 'refused', 'cancelled'])

/** One alone approves, for tokens whose person allowed it: else that is a click on the page (D-25). */
export const studioTools: readonly Tool<StudioDesk>[] = [
  ...readingTools,
  ...draftingTools,
  ...approvingTools,
  ...waitingTools,
]

export const studioServer: ToolServer<StudioDesk> = {
  name: 'studioops',
  title: 'StudioOps',
  instructions:
    'The workspace of one person: stories, what waits for approval, and how the services are. ' +
    'Drafts are approved by the person in StudioOps. Nothing is sent without that, except by a token ' +
    'that the person made for approving, and then only what the person was shown.',
  tools: studioTools,
  filters: 'nothing',
  explain: () => undefined,
}

function show(desk: StudioDesk, id: string): Promise<Story> {
  return desk.stories.show({ userId: desk.userId, storyId: id, language: desk.language })
}

type Next = 'write' | 'wait-for-model' | 'approve' | 'wait-for-jira' | 'decide' | 'none'

function nextOf({ state, operation }: Story): Next {
  if (operation?.state === 'needs-user' || operation?.state === 'refused') return 'decide'
  const next: Record<Story['state'], Next> = {
    new: 'write',
    writing: 'wait-for-model',
    draft: 'approve',
    approved: 'wait-for-jira',
    created: 'none',
  }
  return next[state]
}
