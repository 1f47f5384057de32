import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { graphemeText } from './grapheme-text.ts'
import { limits } from './limits.ts'
import { operation } from './operations.ts'

/**
 * What somebody may do in a project. `viewer`: read. `editor`: also change what is in it. `owner`:
 * also its members, its archive and its end. Whoever may only read the workspace may do no more here.
 */
export const projectRole = z.enum(['viewer', 'editor', 'owner'])
export type ProjectRole = z.output<typeof projectRole>

export const projectStatus = z.enum(['planned', 'active', 'on-hold', 'done'])
export type ProjectStatus = z.output<typeof projectStatus>

export const projectColor = z.enum([
  'blue',
  'teal',
  'green',
  'amber',
  'orange',
  'red',
  'pink',
  'violet',
  'gray',
])
export type ProjectColor = z.output<typeof projectColor>

/** ISO 4217; its minor units are those of `Intl`. */
export const currency = z.string().regex(/^[A-Z]{3}$/)

/** `numeric(14,4)` as a string that is never a float: digits, and up to four after the point. */
export const amount = z.string().regex(/^\d{1,10}(\.\d{1,4})?$/)

export const projectSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  status: projectStatus,
  color: projectColor,
  /** Of the person who asks. */
  role: projectRole,
  members: z.int(),
  links: z.int(),
  updatedAt: z.iso.datetime(),
  /** When something last happened in it. */
  activeAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().optional(),
})
export type ProjectSummary = z.output<typeof projectSummary>

export const projectMember = z.object({
  userId: z.uuid(),
  displayName: z.string(),
  role: projectRole,
  addedAt: z.iso.datetime(),
  isYou: z.boolean(),
})
export type ProjectMember = z.output<typeof projectMember>

export const projectBudget = z.object({ currency, amount })
export type ProjectBudget = z.output<typeof projectBudget>

export const projectLinkKind = z.enum(['trello-board', 'jira-project', 'confluence-space'])
export type ProjectLinkKind = z.output<typeof projectLinkKind>

export const projectLink = z.object({
  id: z.uuid(),
  kind: projectLinkKind,
  /** Id of the board, key of the project or of the space. */
  key: z.string(),
  name: z.string(),
  url: z.string().optional(),
  /** False where it was typed while the system was away, and nobody has seen it there since. */
  isChecked: z.boolean(),
})
export type ProjectLink = z.output<typeof projectLink>

export const project = projectSummary.omit({ members: true, links: true }).extend({
  createdAt: z.iso.datetime(),
  members: z.array(projectMember),
  links: z.array(projectLink),
  budgets: z.array(projectBudget),
})
export type Project = z.output<typeof project>

/** Absent in `project.change`: stays as it is. */
const settings = z.object({
  name: graphemeText(limits.projectNameGraphemes).pipe(z.string().min(1)),
  description: graphemeText(limits.projectDescriptionGraphemes),
  status: projectStatus,
  color: projectColor,
})

const params = z.object({ projectId: z.uuid() })
const reply = z.object({ project })
const reading = ['session.required', 'project.not-found'] as const
const changing = [
  ...reading,
  'request.invalid',
  'session.read-only',
  'project.not-allowed',
  'project.archived',
] as const

export const listProjects = defineEndpoint({
  method: 'GET',
  path: '/projects',
  summary: 'Projects in which the person takes part; those in the trash are not among them.',
  access: 'member',
  query: z.object({
    shown: z.enum(['open', 'archived', 'all']).default('open'),
    search: z.string().max(limits.searchLengthMax).default(''),
    sort: z.enum(['active', 'name']).default('active'),
  }),
  reply: z.object({ projects: z.array(projectSummary) }),
  errors: ['session.required', 'request.invalid'],
})

export const createProject = defineEndpoint({
  method: 'POST',
  path: '/projects',
  summary: 'Begins a project; whoever does it owns it.',
  access: 'member',
  body: settings.partial().required({ name: true }),
  reply,
  status: 201,
  errors: ['session.required', 'session.read-only', 'request.invalid'],
})

export const readProject = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId',
  summary: 'A project with its members, links and budgets.',
  access: 'member',
  params,
  reply,
  errors: reading,
})

export const changeProject = defineEndpoint({
  method: 'PATCH',
  path: '/projects/:projectId',
  summary: 'Changes name, description, status or colour.',
  access: 'member',
  params,
  body: settings.partial(),
  reply,
  errors: changing,
})

export const archiveProject = defineEndpoint({
  method: 'PUT',
  path: '/projects/:projectId/archive',
  summary:
    'Puts a project into the archive, where it can be read and not changed, or takes it out.',
  access: 'member',
  params,
  body: z.object({ isArchived: z.boolean() }),
  reply,
  errors: changing,
})

const memberParams = params.extend({ memberId: z.uuid() })
const owning = [...changing, 'project.member-not-found', 'project.last-owner'] as const

export const listCandidates = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/candidates',
  summary: 'People of the workspace whom an owner can add, by name, e-mail or employee ID.',
  access: 'member',
  params,
  query: z.object({ search: z.string().trim().max(limits.searchLengthMax).default('') }),
  reply: z.object({
    people: z.array(
      z.object({ userId: z.uuid(), displayName: z.string(), employeeId: z.string() }),
    ),
  }),
  errors: [...reading, 'request.invalid', 'project.not-allowed', 'project.archived'],
})

export const addMember = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/members',
  summary: 'Lets somebody of the workspace take part.',
  access: 'member',
  params,
  body: z.object({ userId: z.uuid(), role: projectRole }),
  reply,
  errors: owning,
})

export const changeMember = defineEndpoint({
  method: 'PATCH',
  path: '/projects/:projectId/members/:memberId',
  summary: 'Changes what somebody may do; one owner always stays.',
  access: 'member',
  params: memberParams,
  body: z.object({ role: projectRole }),
  reply,
  errors: owning,
})

export const removeMember = defineEndpoint({
  method: 'DELETE',
  path: '/projects/:projectId/members/:memberId',
  summary: 'Ends the part of somebody, or leaves; one owner always stays.',
  access: 'member',
  params: memberParams,
  reply: z.object({}),
  errors: owning,
})

const linkParams = params.extend({ linkId: z.uuid() })
const linking = [
  ...changing,
  'project.link-unknown',
  'project.link-exists',
  'project.too-many-links',
] as const

export const addLink = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/links',
  summary:
    'Links a board, a Jira project or a Confluence space that the own connection shows; while the system is away it is kept as typed.',
  access: 'member',
  params,
  body: z.object({
    kind: projectLinkKind,
    /** Id of the board, key of the project or of the space. */
    key: z.string().trim().min(1).max(100),
  }),
  reply,
  errors: linking,
})

export const checkLink = defineEndpoint({
  method: 'POST',
  path: '/projects/:projectId/links/:linkId/check',
  summary: 'Looks for a linked thing again by the own connection.',
  access: 'member',
  params: linkParams,
  reply,
  errors: [...changing, 'project.link-not-found', 'project.link-unknown', 'project.link-away'],
})

export const removeLink = defineEndpoint({
  method: 'DELETE',
  path: '/projects/:projectId/links/:linkId',
  summary: 'Takes a link away; nothing happens to the thing itself.',
  access: 'member',
  params: linkParams,
  reply,
  errors: [...changing, 'project.link-not-found'],
})

export const setBudgets = defineEndpoint({
  method: 'PUT',
  path: '/projects/:projectId/budgets',
  summary: 'What may be spent, a sum for each currency.',
  access: 'member',
  params,
  body: z.object({
    budgets: z
      .array(projectBudget)
      .max(20)
      .refine((all) => new Set(all.map((one) => one.currency)).size === all.length, {
        error: 'a currency stands there twice',
      }),
  }),
  reply,
  errors: changing,
})

/** A name is a promise to those who read it: never rename, only add. */
export const projectActivity = z.enum([
  'project.create',
  'project.change',
  'project.archive',
  'project.unarchive',
  'project.delete',
  'project.restore',
  'project.take-over',
  'member.add',
  'member.change',
  'member.remove',
  'link.add',
  'link.remove',
  'budget.change',
  'document.add',
  'document.change',
  'document.remove',
  'document.restore',
  'chat.share',
  'purchase.add',
  'purchase.change',
  'purchase.remove',
  'purchase.restore',
  'purchase.import',
])
export type ProjectActivity = z.output<typeof projectActivity>

export const activityEvent = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  /** One of `projectActivity`, unless a later version wrote it. */
  action: z.string(),
  /** Absent where the account is gone. */
  actorName: z.string().optional(),
  /** What it was done to, as it was called then. */
  subject: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type ActivityEvent = z.output<typeof activityEvent>

export const listActivity = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/activity',
  summary: 'Who did what in a project, newest first, fifty at a time.',
  access: 'member',
  params,
  query: z.object({
    before: z.coerce.number().int().min(1).max(limits.rowIdMax).optional(),
  }),
  reply: z.object({
    events: z.array(activityEvent),
    /** For the next page; absent on the last. */
    before: z.int().optional(),
  }),
  errors: [...reading, 'request.invalid'],
})

export const listProjectOperations = defineEndpoint({
  method: 'GET',
  path: '/projects/:projectId/operations',
  summary: 'The own writes on their way to boards, projects and spaces that are linked.',
  access: 'member',
  params,
  reply: z.object({ operations: z.array(operation) }),
  errors: reading,
})

export const workspaceProject = z.object({
  id: z.uuid(),
  name: z.string(),
  status: projectStatus,
  owners: z.array(z.string()),
  members: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().optional(),
  deletedAt: z.iso.datetime().optional(),
})
export type WorkspaceProject = z.output<typeof workspaceProject>

export const listWorkspaceProjects = defineEndpoint({
  method: 'GET',
  path: '/admin/projects',
  summary: 'That projects exist and whose they are; nothing of what is in them.',
  access: 'admin',
  reply: z.object({ projects: z.array(workspaceProject) }),
  errors: ['session.required', 'session.not-allowed'],
})

export const takeProjectOver = defineEndpoint({
  method: 'POST',
  path: '/admin/projects/:projectId/owner',
  summary: 'Makes the administrator an owner, where those of the project are gone.',
  access: 'admin',
  stepUp: true,
  params,
  reply: z.object({}),
  errors: [
    'session.required',
    'session.not-allowed',
    'session.step-up-needed',
    'project.not-found',
  ],
})
