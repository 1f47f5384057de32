import { z } from 'zod'
import { defaultIssueFields, type JiraClient, quoteJql } from '../../jira/jira-client.ts'
import { JiraError } from '../../jira/jira-error.ts'
import type { JiraCreateField } from '../../jira/jira-metadata.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { type ToolContext, toolsOf } from '../tool.ts'
import { badArgument } from '../tool-refusal.ts'
import { projectOf, readJson } from './jira-arguments.ts'
import { fieldsOfNew } from './jira-fields-of-issue.ts'
import { createMarked } from './jira-marked-create.ts'
import { presentIssue } from './present-issue.ts'
import { issue, issueKey, projectKey } from './jira-tool-shapes.ts'

const jiraTool = toolsOf<JiraClient>()
const ofProject = ({ project_key: key }: { project_key: string }) => [key]
const day = z.iso.date()

const version = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().optional(),
  startDate: z.string().optional(),
  releaseDate: z.string().optional(),
  archived: z.boolean(),
  released: z.boolean(),
})

const versionWish = z.object({
  name: z.string().min(1).max(255),
  start_date: day.optional(),
  release_date: day.optional(),
  description: z.string().optional(),
})
const toWish = ({
  start_date: startDate,
  release_date: releaseDate,
  ...rest
}: z.output<typeof versionWish>) => ({ ...rest, startDate, releaseDate })

const versions = [
  jiraTool({
    name: 'jira_get_project_versions',
    title: 'Versions of a project',
    description: 'Versions of a project, released or not.',
    toolset: 'projects',
    effect: 'read',
    scope: ofProject,
    input: z.object({ project_key: projectKey }),
    output: z.object({ versions: z.array(version), total: z.int() }),
    async run(client, { project_key: key }) {
      const found = await client.versions(key)
      return { versions: found.slice(-200), total: found.length }
    },
  }),
  jiraTool({
    name: 'jira_get_project_components',
    title: 'Components of a project',
    description: 'Components of a project.',
    toolset: 'projects',
    effect: 'read',
    scope: ofProject,
    input: z.object({ project_key: projectKey }),
    output: z.object({
      components: z.array(
        z.object({ id: z.string(), name: z.string(), description: z.string().optional() }),
      ),
      total: z.int(),
    }),
    async run(client, { project_key: key }) {
      const found = await client.components(key)
      return { components: found.slice(0, 200), total: found.length }
    },
  }),
  jiraTool({
    name: 'jira_create_version',
    title: 'Create a version',
    description: 'Makes a version. Jira refuses a name that the project has already.',
    toolset: 'projects',
    effect: 'write',
    scope: ofProject,
    input: z.object({
      project_key: projectKey,
      name: z.string().min(1).max(255).describe('What it is called.'),
      start_date: day.optional().describe('YYYY-MM-DD.'),
      release_date: day.optional().describe('YYYY-MM-DD.'),
      description: z.string().optional().describe('What it is for.'),
    }),
    output: version,
    run: (client, { project_key: key, ...wish }) => client.createVersion(key, toWish(wish)),
  }),
  jiraTool({
    name: 'jira_update_version',
    title: 'Change a version',
    description: 'Changes, releases or archives a version; what is left out stays.',
    toolset: 'projects',
    effect: 'write',
    idempotent: true,
    scope: 'own',
    input: z.object({
      version_id: z.string().min(1).describe('Id from jira_get_project_versions.'),
      name: z.string().optional().describe('What it is called.'),
      description: z.string().optional().describe('What it is for.'),
      start_date: day.optional().describe('YYYY-MM-DD.'),
      release_date: day.optional().describe('YYYY-MM-DD.'),
      archived: z.boolean().optional().describe('True: nothing more is planned for it.'),
      released: z.boolean().optional().describe('True: it is out.'),
    }),
    output: version,
    async run(client, args, { allowed, requireAllowed }) {
      const { version_id: id, start_date: startDate, release_date: releaseDate, ...rest } = args
      if (allowed !== undefined) {
        const { projectId } = await client.version(id)
        requireAllowed((await client.project(String(projectId))).key)
      }
      return client.updateVersion(id, { ...rest, startDate, releaseDate })
    },
  }),
  jiraTool({
    name: 'jira_batch_create_versions',
    title: 'Create several versions',
    description: 'Makes up to 20 versions, one after the other; each may fail by itself.',
    toolset: 'projects',
    effect: 'write',
    scope: ofProject,
    input: z.object({
      project_key: projectKey,
      versions: z.string().describe('JSON list such as [{"name": "1.0"}].'),
    }),
    output: z.object({
      created: z.array(version),
      failed: z.array(z.object({ name: z.string(), reason: z.string() })),
    }),
    async run(client, { project_key: key, versions: json }, context) {
      const wishes = readJson(versionList, 'versions', json)
      const created: z.output<typeof version>[] = []
      const failed: { name: string; reason: string }[] = []
      for (const [index, wish] of wishes.entries()) {
        await context.progress(index, wishes.length)
        try {
          created.push(await client.createVersion(key, toWish(wish)))
        } catch (error) {
          failed.push({ name: wish.name, reason: reasonOf(error) })
        }
      }
      return { created, failed }
    },
  }),
]

const versionList = z
  .array(versionWish)
  .min(1)
  .max(20)
  .describe('a JSON list is expected, such as [{"name": "1.0", "release_date": "2026-12-01"}]')

/** Jira's own words; nothing for a defect of ours. @throws what is no refusal of Jira */
function reasonOf(error: unknown): string {
  if (error instanceof JiraError) return error.reason
  throw error
}

const newIssue = z.object({
  project_key: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  summary: z.string().min(1).max(255),
  issue_type: z.string().min(1),
  assignee: z.string().optional(),
  description: z.string().max(32_767).optional(),
  components: z
    .union([z.string(), z.array(z.string()).transform((names) => names.join(','))])
    .optional(),
  additional_fields: z.record(z.string(), z.unknown()).optional(),
})
const newIssues = z
  .array(newIssue)
  .min(1)
  .max(50)
  .describe(
    'a JSON list is expected, such as [{"project_key": "PAY", "summary": "a", "issue_type": "Task"}]',
  )

/** What no create of ours may leave out, and is not there. */
function missingIn(fields: readonly JiraCreateField[], given: Record<string, unknown>): string[] {
  return fields
    .filter(
      ({ required, hasDefaultValue, fieldId }) =>
        required && !hasDefaultValue && !(fieldId in given),
    )
    .filter(({ fieldId }) => fieldId !== 'reporter')
    .map(({ name, fieldId }) => `${name} (${fieldId}) is required`)
}

async function checkIssue(client: JiraClient, one: z.output<typeof newIssue>): Promise<string[]> {
  const types = await client.issueTypes(one.project_key)
  const type = types.find(({ id, name }) => id === one.issue_type || name === one.issue_type)
  if (type === undefined)
    return [`there is no such type; there are: ${types.map(({ name }) => name).join(', ')}`]
  const screen = await client.createFields(one.project_key, type.id)
  const given = fieldsOfNew(client, one, one.additional_fields ?? {})
  const known = new Set(screen.map(({ fieldId }) => fieldId))
  const unknown = Object.keys(given).filter((name) => !known.has(name))
  return [
    ...unknown.map((name) => `${name} is not on the create screen`),
    ...missingIn(screen, given),
  ]
}

const batch = [
  jiraTool({
    name: 'jira_batch_create_issues',
    title: 'Create several issues',
    description:
      'Creates up to 50 issues, one after the other, each with a mark of its own; each may fail by ' +
      'itself. validate_only checks them against the create screens and creates nothing.',
    toolset: 'issues',
    effect: 'write',
    scope: ({ issues: json }) =>
      readJson(newIssues, 'issues', json).map(({ project_key: key }) => key),
    input: z.object({
      issues: z
        .string()
        .describe('JSON list of issues with project_key, summary, issue_type, description.'),
      validate_only: z.boolean().default(false).describe('True: nothing is created.'),
    }),
    output: z.object({
      created: z.array(z.object({ index: z.int(), key: z.string(), url: z.string() })),
      failed: z.array(
        z.object({
          index: z.int(),
          summary: z.string(),
          reasons: z.array(z.string()),
          /** True: it may exist; look for it before it is created again. */
          unclear: z.boolean(),
        }),
      ),
      validated: z.int().optional(),
    }),
    async run(client, { issues: json, validate_only: onlyChecks }, context) {
      const issues = readJson(newIssues, 'issues', json)
      return onlyChecks ? checkAll(client, issues, context) : createAll(client, issues, context)
    },
  }),
]

type Issues = readonly z.output<typeof newIssue>[]

async function checkAll(client: JiraClient, issues: Issues, context: ToolContext) {
  const failed = []
  for (const [index, one] of issues.entries()) {
    await context.progress(index, issues.length)
    const reasons = await checkIssue(client, one)
    if (reasons.length > 0) failed.push({ index, summary: one.summary, reasons, unclear: false })
  }
  return { created: [], failed, validated: issues.length - failed.length }
}

async function createAll(client: JiraClient, issues: Issues, context: ToolContext) {
  const created = []
  const failed = []
  for (const [index, one] of issues.entries()) {
    await context.progress(index, issues.length)
    const { summary, project_key: project, additional_fields: more = {} } = one
    try {
      const fields = fieldsOfNew(client, one, more)
      const { key, url } = await createMarked(client, {
        fields,
        projectKey: project,
        signal: context.signal,
      })
      created.push({ index, key, url })
    } catch (error) {
      const unclear = error instanceof JiraError && error.sent && error.kind !== 'rejected'
      failed.push({ index, summary, reasons: [reasonOf(error)], unclear })
    }
  }
  return { created, failed }
}

const user = z.object({
  id: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  active: z.boolean(),
})

const finding = [
  jiraTool({
    name: 'jira_search_assignable_users',
    title: 'People for an issue',
    description: 'People to whom an issue, or the issues of a project, can be given.',
    toolset: 'users',
    effect: 'read',
    scope: ({ project_key: key, issue_key: inIssue }) => [
      ...(key === undefined ? [] : [key]),
      ...(inIssue === undefined ? [] : [projectOf(inIssue)]),
    ],
    input: z.object({
      query: z.string().describe('Part of a name or an e-mail address.'),
      project_key: projectKey.optional(),
      issue_key: issueKey.optional(),
      limit: z.int().min(1).max(50).default(20).describe('1 to 50.'),
    }),
    output: z.object({ users: z.array(user) }),
    async run(client, { query, project_key: key, issue_key: inIssue, limit }) {
      if (key === undefined && inIssue === undefined)
        throw badArgument('project_key', 'one of project_key and issue_key is needed')
      const where = { projectKey: key, issueKey: inIssue }
      return { users: await client.assignableUsers(query, where, limit) }
    },
  }),
  jiraTool({
    name: 'jira_search_projects',
    title: 'Find projects',
    description: 'Projects whose key or name holds some words.',
    toolset: 'projects',
    effect: 'read',
    scope: 'own',
    input: z.object({
      query: z.string().describe('Part of a key or a name.'),
      max_results: z.int().min(1).max(50).default(20).describe('1 to 50.'),
      current_project_ids: z.string().optional().describe('Comma-separated ids to leave out.'),
    }),
    output: z.object({
      projects: z.array(z.object({ id: z.string(), key: z.string(), name: z.string() })),
    }),
    async run(client, args, { allowed }) {
      const words = args.query.toLowerCase()
      const without = new Set(namesOf(args.current_project_ids))
      const found = (await client.projects()).filter(
        ({ id, key, name }) =>
          !without.has(id) &&
          (allowed?.includes(key) ?? true) &&
          [key, name].some((text) => text.toLowerCase().includes(words)),
      )
      return { projects: found.slice(0, args.max_results) }
    },
  }),
  jiraTool({
    name: 'jira_get_project_issues',
    title: 'Issues of a project',
    description: 'Issues of a project, newest first.',
    toolset: 'issues',
    effect: 'read',
    scope: ofProject,
    input: z.object({
      project_key: projectKey,
      limit: z.int().min(1).max(50).default(10).describe('1 to 50.'),
      start_at: z.int().min(0).default(0).describe('Data Center: how many to skip.'),
      page_token: z.string().optional().describe('Cloud: nextPageToken of the page before.'),
    }),
    output: z.object({
      issues: z.array(issue),
      total: z.int().optional(),
      startAt: z.int().optional(),
      nextPageToken: z.string().optional(),
    }),
    async run(client, args) {
      const jql = `project = ${quoteJql(args.project_key)} ORDER BY created DESC`
      const { issues, ...page } = await client.search(jql, {
        fields: defaultIssueFields,
        limit: args.limit,
        startAt: args.start_at,
        ...withoutAbsent({ pageToken: args.page_token }),
      })
      const present = { commentLimit: 0, descriptionLength: 1_000 }
      return { issues: issues.map((one) => presentIssue(one, present)), ...page }
    },
  }),
]

const field = z.object({
  id: z.string(),
  name: z.string(),
  custom: z.boolean(),
  type: z.string().optional(),
  items: z.string().optional(),
  /** The plugin's name for the type. */
  customType: z.string().optional(),
})

const option = z.object({ id: z.string().optional(), value: z.string() })

const fields = [
  jiraTool({
    name: 'jira_search_fields',
    title: 'Find fields',
    description:
      'Fields of this Jira whose name or id holds a word; the names are those of its language.',
    toolset: 'fields',
    effect: 'read',
    scope: 'none',
    input: z.object({
      keyword: z.string().default('').describe('Part of a name or an id; empty for all.'),
      limit: z.int().min(1).max(50).default(10).describe('1 to 50.'),
      refresh: z.boolean().default(false).describe('Nothing is kept here: it is always read anew.'),
    }),
    output: z.object({ fields: z.array(field), total: z.int() }),
    async run(client, { keyword, limit }) {
      const words = keyword.toLowerCase()
      const found = (await client.fields()).filter(({ id, name }) =>
        [id, name].some((text) => text.toLowerCase().includes(words)),
      )
      return {
        fields: found.slice(0, limit).map(({ id, name, schema }) => ({
          id,
          name,
          custom: id.startsWith('customfield_'),
          ...withoutAbsent({
            type: schema?.type,
            items: schema?.items,
            customType: schema?.custom,
          }),
        })),
        total: found.length,
      }
    },
  }),
  jiraTool({
    name: 'jira_get_project_fields',
    title: 'Fields of a project',
    description:
      'Fields that the create screens of a project take, with the types that require them.',
    toolset: 'fields',
    effect: 'read',
    scope: ofProject,
    input: z.object({ project_key: projectKey }),
    output: z.object({
      fields: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          issueTypes: z.array(z.string()),
          requiredBy: z.array(z.string()),
        }),
      ),
    }),
    async run(client, { project_key: key }, context) {
      const types = await client.issueTypes(key)
      const found = new Map<
        string,
        { id: string; name: string; issueTypes: string[]; requiredBy: string[] }
      >()
      for (const [index, type] of types.entries()) {
        await context.progress(index, types.length)
        for (const { fieldId, name, required } of await client.createFields(key, type.id)) {
          const known = found.get(fieldId) ?? { id: fieldId, name, issueTypes: [], requiredBy: [] }
          known.issueTypes.push(type.name)
          if (required) known.requiredBy.push(type.name)
          found.set(fieldId, known)
        }
      }
      return { fields: [...found.values()] }
    },
  }),
  jiraTool({
    name: 'jira_get_field_options',
    title: 'Choices of a field',
    description:
      'What can be chosen in a field: from the create screen of a project and issue type, or, on ' +
      'Jira Cloud with the rights of its administrators, from the field itself.',
    toolset: 'fields',
    effect: 'read',
    scope: ({ project_key: key }) => (key === undefined ? [] : [key]),
    input: z.object({
      field_id: z.string().min(1).describe('Id of the field, such as customfield_10010.'),
      context_id: z.string().optional().describe('Cloud: id of a context of the field.'),
      project_key: projectKey.optional(),
      issue_type: z.string().optional().describe('Name or id of the issue type.'),
      contains: z.string().optional().describe('Part of the choice.'),
      return_limit: z.int().min(1).max(200).optional().describe('Most choices; default 50.'),
      values_only: z.boolean().default(false).describe('True: without ids.'),
    }),
    output: z.object({ options: z.array(option), total: z.int() }),
    async run(client, args) {
      const all = await choicesOf(client, args)
      const words = args.contains?.toLowerCase() ?? ''
      const found = all.filter(({ value }) => value.toLowerCase().includes(words))
      const shown = found.slice(0, args.return_limit ?? 50)
      return {
        options: args.values_only ? shown.map(({ value }) => ({ value })) : shown,
        total: found.length,
      }
    },
  }),
]

type Asked = {
  readonly field_id: string
  readonly context_id?: string | undefined
  readonly project_key?: string | undefined
  readonly issue_type?: string | undefined
}

async function choicesOf(
  client: JiraClient,
  asked: Asked,
): Promise<{ id?: string; value: string }[]> {
  const { project_key: key, issue_type: wanted } = asked
  if (key === undefined) {
    if (client.can.readFieldOptions) return client.fieldOptions(asked.field_id, asked.context_id)
    throw badArgument('project_key', 'Data Center tells choices for a project and issue type only')
  }
  const types = await client.issueTypes(key)
  const chosen = types.filter(({ id, name }) => wanted === undefined || [id, name].includes(wanted))
  for (const type of chosen) {
    const screen = await client.createFields(key, type.id)
    const choices = screen.find(({ fieldId }) => fieldId === asked.field_id)?.allowedValues
    if (choices !== undefined)
      return choices.map((one) => ({
        value: one.value ?? one.name ?? one.key ?? one.id ?? '',
        ...withoutAbsent({ id: one.id }),
      }))
  }
  return []
}

export const placeTools = [...versions, ...batch, ...finding, ...fields]
