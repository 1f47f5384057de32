import { z } from 'zod'
import { browseUrl, type JiraClient } from '../../jira/jira-client.ts'
import type { JiraComment, JiraHistory, JiraWorklog } from '../../jira/jira-issues.ts'
import { withoutAbsent } from '../../../platform/values/without-absent.ts'
import { namesOf } from '../csv-argument.ts'
import { type ToolContext, toolsOf } from '../tool.ts'
import { badArgument, ToolRefusal } from '../tool-refusal.ts'
import { listOf, objectOf, projectOf, readJson, visibilityOf } from './jira-arguments.ts'
import { fieldsOfChange } from './jira-fields-of-issue.ts'
import { markdownOf, presentIssue } from './present-issue.ts'
import { issue, issueKey, projectKey } from './jira-tool-shapes.ts'

const jiraTool = toolsOf<JiraClient>()
const ofIssue = ({ issue_key: key }: { issue_key: string }) => [projectOf(key)]
const userText = 'Login name on Data Center, account id on Jira Cloud.'
const markdown = z
  .string()
  .min(1)
  .max(32_767)
  .describe('Markdown; becomes what this Jira understands.')
const visibilityText = 'JSON such as {"type": "role", "value": "Developers"}; default: everybody.'
const done = z.object({ issue_key: z.string(), done: z.literal(true) })
const isDone = (key: string) => ({ issue_key: key, done: true as const })

const user = z.object({
  id: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  active: z.boolean(),
})
const comment = z.object({
  id: z.string(),
  author: z.string(),
  created: z.string(),
  body: z.string(),
})
const worklog = z.object({
  id: z.string(),
  author: z.string(),
  started: z.string(),
  timeSpent: z.string(),
  timeSpentSeconds: z.int(),
  comment: z.string(),
})

const presentComment = ({ id, author, created, body }: JiraComment) => ({
  id,
  author: author?.displayName ?? '',
  created,
  body: markdownOf(body),
})

const presentWorklog = (log: JiraWorklog) => ({
  id: log.id,
  author: log.author?.displayName ?? '',
  started: log.started,
  timeSpent: log.timeSpent,
  timeSpentSeconds: log.timeSpentSeconds,
  comment: markdownOf(log.comment ?? ''),
})

const reading = [
  jiraTool({
    name: 'jira_get_transitions',
    title: 'Ways on from a status',
    description: 'What can be done with an issue from where it stands.',
    toolset: 'transitions',
    effect: 'read',
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: z.object({
      transitions: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          to: z.string(),
          /** Fields that the way asks for, as Jira describes them. */
          fields: z.record(z.string(), z.unknown()).optional(),
        }),
      ),
    }),
    async run(client, { issue_key: key }) {
      const transitions = await client.transitions(key)
      return {
        transitions: transitions.map(({ id, name, to, fields }) => ({
          id,
          name,
          to: to?.name ?? '',
          ...(fields === undefined || Object.keys(fields).length === 0 ? {} : { fields }),
        })),
      }
    },
  }),
  jiraTool({
    name: 'jira_get_worklog',
    title: 'Logged time',
    description: 'Time that was logged on an issue.',
    toolset: 'worklog',
    effect: 'read',
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: z.object({ worklogs: z.array(worklog), totalSeconds: z.int() }),
    async run(client, { issue_key: key }) {
      const worklogs = (await client.worklogs(key)).map(presentWorklog)
      const totalSeconds = worklogs.reduce((sum, log) => sum + log.timeSpentSeconds, 0)
      return { worklogs: worklogs.slice(-100), totalSeconds }
    },
  }),
  jiraTool({
    name: 'jira_get_issue_watchers',
    title: 'Watchers',
    description: 'Who watches an issue.',
    toolset: 'watchers',
    effect: 'read',
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: z.object({ watchCount: z.int(), isWatching: z.boolean(), watchers: z.array(user) }),
    run: (client, { issue_key: key }) => client.watchers(key),
  }),
  jiraTool({
    name: 'jira_get_link_types',
    title: 'Kinds of links',
    description: 'How issues can be linked, with the words of both directions.',
    toolset: 'links',
    effect: 'read',
    scope: 'none',
    input: z.object({ name_filter: z.string().optional().describe('Part of the name.') }),
    output: z.object({
      linkTypes: z.array(
        z.object({ id: z.string(), name: z.string(), inward: z.string(), outward: z.string() }),
      ),
    }),
    async run(client, { name_filter: words = '' }) {
      const found = await client.linkTypes()
      const wanted = words.toLowerCase()
      return { linkTypes: found.filter(({ name }) => name.toLowerCase().includes(wanted)) }
    },
  }),
]

const history = z.object({
  id: z.string(),
  author: z.string(),
  created: z.string(),
  items: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
})

function presentHistory({ id, author, created, items }: JiraHistory, fields?: readonly string[]) {
  return {
    id,
    author: author?.displayName ?? '',
    created,
    items: items
      .filter(
        ({ field, fieldId = '' }) => fields?.some((f) => f === field || f === fieldId) ?? true,
      )
      .map((item) => ({
        field: item.field,
        from: item.fromString ?? item.from ?? '',
        to: item.toString ?? item.to ?? '',
      })),
  }
}

const statusChange = z.object({
  from: z.string(),
  to: z.string(),
  at: z.string(),
  author: z.string(),
})

const past = [
  jiraTool({
    name: 'jira_batch_get_changelogs',
    title: 'Changes of several issues',
    description: 'What was changed in up to 20 issues, by whom and when; newest last.',
    toolset: 'issues',
    effect: 'read',
    scope: ({ issue_ids_or_keys: keys }) => listOf('issue_ids_or_keys', keys, 20).map(projectOf),
    input: z.object({
      issue_ids_or_keys: z.string().describe('Comma-separated keys of issues, at most 20.'),
      fields: z.string().optional().describe('Comma-separated fields; default: every one.'),
      limit: z.int().default(-1).describe('Newest changes of each issue; -1 for all.'),
    }),
    output: z.object({
      changelogs: z.array(z.object({ issue_key: z.string(), changes: z.array(history) })),
    }),
    async run(client, args, context) {
      const keys = listOf('issue_ids_or_keys', args.issue_ids_or_keys, 20)
      const fields = namesOf(args.fields)
      const changelogs = []
      for (const [index, key] of keys.entries()) {
        await context.progress(index, keys.length)
        const changes = (await client.changelog(key))
          .map((one) => presentHistory(one, fields))
          .filter(({ items }) => items.length > 0)
        changelogs.push({
          issue_key: key,
          changes:
            args.limit < 0 ? changes : changes.slice(Math.max(0, changes.length - args.limit)),
        })
      }
      return { changelogs }
    },
  }),
  jiraTool({
    name: 'jira_get_issue_dates',
    title: 'Dates of an issue',
    description:
      'When an issue was created, changed, due and resolved, and how long it stood where.',
    toolset: 'issues',
    effect: 'read',
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      include_status_changes: z.boolean().default(true).describe('Every change of the status.'),
      include_status_summary: z.boolean().default(true).describe('Hours in each status.'),
    }),
    output: z.object({
      issue_key: z.string(),
      created: z.string(),
      updated: z.string(),
      due: z.string().optional(),
      resolved: z.string().optional(),
      statusChanges: z.array(statusChange).optional(),
      statusSummary: z.array(z.object({ status: z.string(), hours: z.number() })).optional(),
    }),
    async run(client, args) {
      const { issue_key: key } = args
      const fields = ['created', 'updated', 'duedate', 'resolutiondate', 'status']
      const found = await client.getIssue(key, { fields })
      const date = (name: string) => {
        const value = found.fields[name]
        return typeof value === 'string' ? value : undefined
      }
      const created = date('created') ?? ''
      const changes = statusChanges(await client.changelog(key))
      return {
        issue_key: key,
        created,
        updated: date('updated') ?? '',
        ...withoutAbsent({ due: date('duedate'), resolved: date('resolutiondate') }),
        ...(args.include_status_changes ? { statusChanges: changes } : {}),
        ...(args.include_status_summary
          ? { statusSummary: hoursByStatus(created, changes, statusNow(found.fields['status'])) }
          : {}),
      }
    },
  }),
]

type StatusChange = z.output<typeof statusChange>

function statusNow(value: unknown): string {
  const isNamed = typeof value === 'object' && value !== null && 'name' in value
  return isNamed ? String(value.name) : ''
}

function statusChanges(histories: readonly JiraHistory[]): StatusChange[] {
  return histories.flatMap((one) =>
    presentHistory(one, ['status']).items.map(({ from, to }) => ({
      from,
      to,
      at: one.created,
      author: one.author?.displayName ?? '',
    })),
  )
}

function hoursByStatus(created: string, changes: readonly StatusChange[], now: string) {
  const hours = new Map<string, number>()
  let since = Date.parse(created)
  const steps = [...changes, { from: changes.at(-1)?.to ?? now, at: new Date().toISOString() }]
  for (const { from, at } of steps) {
    const until = Date.parse(at)
    hours.set(from, (hours.get(from) ?? 0) + (until - since) / 3_600_000)
    since = until
  }
  return [...hours].map(([status, spent]) => ({ status, hours: Math.round(spent * 100) / 100 }))
}

/** What this Jira cannot do at all. @throws ToolRefusal `jira.cannot` */
function requireCan<T>(ability: T | undefined, what: string): T {
  if (ability !== undefined) return ability
  throw new ToolRefusal('jira.cannot', { facts: { what } })
}

const typeOfIssue = z.object({
  id: z.string(),
  name: z.string(),
  subtask: z.boolean().default(false),
})

/** The issue type of the other project that is called as this one. @throws ToolRefusal */
async function sameTypeIn(client: JiraClient, key: string, target: string): Promise<string> {
  if (projectOf(key) === target)
    throw badArgument('target_project_key', 'the issue is in this project already')
  const { fields } = await client.getIssue(key, { fields: ['issuetype'] })
  const { id, name, subtask } = typeOfIssue.parse(fields['issuetype'])
  if (subtask) throw badArgument('issue_key', 'a sub-task moves with its parent only')
  const types = (await client.issueTypes(target)).filter((type) => !type.subtask)
  const same = types.find((type) => type.id === id) ?? types.find((type) => type.name === name)
  if (same !== undefined) return same.id
  const names = types.map((type) => type.name).join(', ')
  throw badArgument('target_project_key', `${target} has no type ${name}; it has: ${names}`)
}

const attachment = z.object({
  filename: z.string().min(1),
  content_base64: z.base64(),
  content_type: z.string().default('application/octet-stream'),
})
const attachmentsText =
  'JSON list is expected, such as [{"filename": "a.txt", "content_base64": "YQ=="}]'
const attachments = z.array(attachment).max(10).describe(attachmentsText)

const changing = [
  jiraTool({
    name: 'jira_update_issue',
    title: 'Change an issue',
    description:
      'Changes fields; may also attach files by content, move the issue on, comment and log time, ' +
      'in this order. What was done stays done when a later step fails.',
    toolset: 'issues',
    effect: 'write',
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      fields: z.string().optional().describe('JSON object of fields; description in Markdown.'),
      additional_fields: z.string().optional().describe('JSON object of further fields by id.'),
      components: z.string().optional().describe('Comma-separated names of components.'),
      attachments: z.string().optional().describe(`${attachmentsText}; no paths.`),
      transition: z.string().optional().describe('Id or name of a way on.'),
      comment: markdown.optional(),
      comment_visibility: z.string().optional().describe(visibilityText),
      worklog: z.string().optional().describe('Time to log, such as 1h 30m.'),
      worklog_started: z.string().optional().describe('ISO 8601; default: now.'),
      return_fields: z.string().default('*all').describe('Comma-separated fields of the answer.'),
    }),
    output: issue,
    async run(client, args, { signal }) {
      const { issue_key: key } = args
      const components = namesOf(args.components)?.map((name) => ({ name }))
      const fields = {
        ...fieldsOfChange(client, objectOf('fields', args.fields)),
        ...fieldsOfChange(client, objectOf('additional_fields', args.additional_fields)),
        ...withoutAbsent({ components }),
      }
      const files =
        args.attachments === undefined ? [] : readJson(attachments, 'attachments', args.attachments)
      if (Object.keys(fields).length > 0) await client.updateIssue(key, fields, { signal })
      for (const file of files) await client.attach(key, toFile(file))
      await afterUpdate(client, args)
      const shown = namesOf(args.return_fields) ?? ['*all']
      return presentIssue(await client.getIssue(key, { fields: shown }), { commentLimit: 10 })
    },
  }),
  jiraTool({
    name: 'jira_assign_issue',
    title: 'Assign an issue',
    description: 'Gives an issue to somebody, or to nobody.',
    toolset: 'issues',
    effect: 'write',
    idempotent: true,
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      assignee: z.string().optional().describe(`${userText} Left out: nobody.`),
    }),
    output: done,
    async run(client, { issue_key: key, assignee }) {
      await client.assign(key, assignee === '' ? undefined : assignee)
      return isDone(key)
    },
  }),
  jiraTool({
    name: 'jira_move_issue',
    title: 'Move an issue to another project',
    description:
      'Moves an issue, with its sub-tasks, to another project, where it gets a new key. Jira Cloud only; not for a sub-task.',
    toolset: 'issues',
    effect: 'write',
    scope: ({ issue_key: key, target_project_key: target }) => [projectOf(key), target],
    input: z.object({ issue_key: issueKey, target_project_key: projectKey }),
    output: z.object({
      issue_key: z.string().describe('The new key, or the old one while Jira is at work'),
      done: z.boolean().describe('false: Jira is still at work on it'),
      url: z.string(),
    }),
    async run(client, { issue_key: key, target_project_key: target }, { signal }) {
      const moveIssue = requireCan(client.can.moveIssue, 'move an issue to another project')
      const issueTypeId = await sameTypeIn(client, key, target)
      const moved = await moveIssue(key, { projectKey: target, issueTypeId, signal })
      const now = moved ?? key
      return {
        issue_key: now,
        done: moved !== undefined,
        url: browseUrl(client.baseUrl, now),
      }
    },
  }),
  jiraTool({
    name: 'jira_delete_issue',
    title: 'Delete an issue',
    description: 'Deletes an issue for ever. Refused while it has sub-tasks.',
    toolset: 'issues',
    effect: 'destroy',
    idempotent: true,
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: done,
    async run(client, { issue_key: key }) {
      await client.deleteIssue(key)
      return isDone(key)
    },
  }),
  jiraTool({
    name: 'jira_transition_issue',
    title: 'Move an issue on',
    description: 'Takes one of the ways that jira_get_transitions names.',
    toolset: 'transitions',
    effect: 'write',
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      transition_id: z.string().min(1).describe('Id from jira_get_transitions.'),
      fields: z.string().optional().describe('JSON object of fields that the way asks for.'),
      comment: markdown.optional(),
    }),
    output: z.object({ issue_key: z.string(), status: z.string() }),
    async run(client, args) {
      const { issue_key: key, comment: text } = args
      const fields =
        args.fields === undefined
          ? undefined
          : fieldsOfChange(client, objectOf('fields', args.fields))
      await client.transition(key, args.transition_id, { fields, comment: text })
      const { fields: now } = await client.getIssue(key, { fields: ['status'] })
      return { issue_key: key, status: statusNow(now['status']) }
    },
  }),
  jiraTool({
    name: 'jira_add_comment',
    title: 'Comment',
    description: 'Adds a comment. Not repeatable: a second call adds a second comment.',
    toolset: 'comments',
    effect: 'write',
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      body: markdown,
      visibility: z.string().optional().describe(visibilityText),
      public: z
        .boolean()
        .optional()
        .describe('Only for service desks, which this server leaves out.'),
    }),
    output: comment,
    async run(client, { issue_key: key, body, visibility }) {
      return presentComment(
        await client.addComment(key, body, visibilityOf('visibility', visibility)),
      )
    },
  }),
  jiraTool({
    name: 'jira_edit_comment',
    title: 'Change a comment',
    description: 'Replaces the text of a comment.',
    toolset: 'comments',
    effect: 'write',
    idempotent: true,
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      comment_id: z.string().min(1).describe('Id of the comment.'),
      body: markdown,
      visibility: z.string().optional().describe(visibilityText),
    }),
    output: comment,
    async run(client, { issue_key: key, comment_id: id, body, visibility }) {
      const wish = { id, markdown: body, visibility: visibilityOf('visibility', visibility) }
      return presentComment(await client.editComment(key, wish))
    },
  }),
  jiraTool({
    name: 'jira_add_worklog',
    title: 'Log time',
    description: 'Logs time on an issue. Not repeatable: a second call logs it twice.',
    toolset: 'worklog',
    effect: 'write',
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      time_spent: z.string().min(1).describe('As Jira writes time, such as 1h 30m.'),
      comment: markdown.optional(),
      started: z.string().optional().describe('ISO 8601; default: now.'),
      original_estimate: z.string().optional().describe('New original estimate, such as 2d.'),
      remaining_estimate: z.string().optional().describe('New remaining estimate, such as 4h.'),
    }),
    output: worklog,
    async run(client, args) {
      const { issue_key: key, original_estimate: originalEstimate } = args
      if (originalEstimate !== undefined)
        await client.updateIssue(key, { timetracking: { originalEstimate } })
      const log = await client.addWorklog(key, {
        timeSpent: args.time_spent,
        comment: args.comment,
        started: args.started,
        remainingEstimate: args.remaining_estimate,
      })
      return presentWorklog(log)
    },
  }),
  jiraTool({
    name: 'jira_add_watcher',
    title: 'Add a watcher',
    description: 'Lets somebody watch an issue.',
    toolset: 'watchers',
    effect: 'write',
    idempotent: true,
    scope: ofIssue,
    input: z.object({ issue_key: issueKey, user_identifier: z.string().min(1).describe(userText) }),
    output: done,
    async run(client, { issue_key: key, user_identifier: id }) {
      await client.addWatcher(key, id)
      return isDone(key)
    },
  }),
  jiraTool({
    name: 'jira_remove_watcher',
    title: 'Remove a watcher',
    description: 'Takes somebody off the watchers of an issue.',
    toolset: 'watchers',
    effect: 'write',
    idempotent: true,
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      username: z.string().optional().describe('Login name on Data Center.'),
      account_id: z.string().optional().describe('Account id on Jira Cloud.'),
    }),
    output: done,
    async run(client, { issue_key: key, username, account_id: accountId }) {
      const id = accountId ?? username
      if (id === undefined)
        throw badArgument('username', 'one of username and account_id is needed')
      await client.removeWatcher(key, id)
      return isDone(key)
    },
  }),
]

function toFile(file: z.output<typeof attachment>) {
  return {
    fileName: file.filename,
    contentType: file.content_type,
    bytes: Buffer.from(file.content_base64, 'base64'),
  }
}

type After = {
  readonly issue_key: string
  readonly transition?: string | undefined
  readonly comment?: string | undefined
  readonly comment_visibility?: string | undefined
  readonly worklog?: string | undefined
  readonly worklog_started?: string | undefined
}

async function afterUpdate(client: JiraClient, args: After): Promise<void> {
  const { issue_key: key, transition, comment: text, worklog: timeSpent } = args
  if (transition !== undefined) await client.transition(key, await idOfWay(client, key, transition))
  if (text !== undefined)
    await client.addComment(key, text, visibilityOf('comment_visibility', args.comment_visibility))
  if (timeSpent !== undefined)
    await client.addWorklog(key, { timeSpent, started: args.worklog_started })
}

async function idOfWay(client: JiraClient, key: string, wanted: string): Promise<string> {
  const ways = await client.transitions(key)
  const found = ways.find(
    ({ id, name, to }) =>
      id === wanted || [name, to?.name].some((one) => one?.toLowerCase() === wanted.toLowerCase()),
  )
  if (found !== undefined) return found.id
  const there = ways.map(({ id, name }) => `${name} (${id})`).join(', ')
  throw badArgument('transition', `there is no such way on; there are: ${there || 'none'}`)
}

const linking = [
  jiraTool({
    name: 'jira_create_issue_link',
    title: 'Link two issues',
    description: 'Links two issues. May be repeated: a link that is there stays one link.',
    toolset: 'links',
    effect: 'write',
    idempotent: true,
    scope: ({ inward_issue_key: inward, outward_issue_key: outward }) => [
      projectOf(inward),
      projectOf(outward),
    ],
    input: z.object({
      link_type: z.string().min(1).describe('Name from jira_get_link_types, such as Blocks.'),
      inward_issue_key: issueKey,
      outward_issue_key: issueKey,
      comment: markdown.optional(),
      comment_visibility: z.string().optional().describe(visibilityText),
    }),
    output: z.object({ inward: z.string(), outward: z.string(), type: z.string() }),
    async run(client, args) {
      const { link_type: type, inward_issue_key: inward, outward_issue_key: outward } = args
      await client.linkIssues({
        type,
        inwardKey: inward,
        outwardKey: outward,
        comment: args.comment,
        visibility: visibilityOf('comment_visibility', args.comment_visibility),
      })
      return { inward, outward, type }
    },
  }),
  jiraTool({
    name: 'jira_remove_issue_link',
    title: 'Remove a link',
    description: 'Removes the link between two issues.',
    toolset: 'links',
    effect: 'destroy',
    idempotent: true,
    scope: 'own',
    input: z.object({ link_id: z.string().min(1).describe('Id of the link, from the issue.') }),
    output: z.object({ link_id: z.string(), done: z.literal(true) }),
    async run(client, { link_id: id }, { allowed, requireAllowed }) {
      if (allowed !== undefined)
        for (const key of await client.linkEnds(id)) requireAllowed(projectOf(key))
      await client.removeLink(id)
      return { link_id: id, done: true as const }
    },
  }),
  jiraTool({
    name: 'jira_create_remote_issue_link',
    title: 'Link an issue to a page',
    description: 'Links an issue to an address. May be repeated: the address is its identity.',
    toolset: 'links',
    effect: 'write',
    idempotent: true,
    scope: ofIssue,
    input: z.object({
      issue_key: issueKey,
      url: z.url({ protocol: /^https?$/ }).describe('Address of the page.'),
      title: z.string().min(1).max(255).describe('What the link reads.'),
      summary: z.string().optional().describe('A line below the title.'),
      relationship: z.string().optional().describe('Such as "mentioned in".'),
      icon_url: z.string().optional().describe('Address of a 16 by 16 picture.'),
    }),
    output: z.object({ issue_key: z.string(), id: z.string() }),
    async run(client, { issue_key: key, icon_url: iconUrl, ...link }) {
      const { id } = await client.addRemoteLink(key, { ...link, iconUrl })
      return { issue_key: key, id }
    },
  }),
]

const file = z.object({
  id: z.string(),
  filename: z.string(),
  mimeType: z.string(),
  bytes: z.int(),
  created: z.string(),
  author: z.string().optional(),
  /** Absent for what is too large to be told here. */
  content_base64: z.string().optional(),
})

/** Base64 of this many bytes, several times over, still fits into a result. */
const contentMaxBytes = 60_000

async function filesOf(
  client: JiraClient,
  key: string,
  { pictures, context }: { pictures: boolean; context: ToolContext },
) {
  const all = (await client.attachments(key)).slice(0, 50)
  const wanted = pictures ? all.filter(({ mimeType }) => mimeType.startsWith('image/')) : all
  const files: z.input<typeof file>[] = []
  let left = contentMaxBytes
  for (const [index, { url, ...known }] of wanted.entries()) {
    await context.progress(index, wanted.length)
    if (known.bytes > left) {
      files.push(known)
      continue
    }
    left -= known.bytes
    const bytes = await client.attachmentContent(
      { id: known.id, ...withoutAbsent({ url }) },
      500_000,
    )
    files.push({ ...known, content_base64: Buffer.from(bytes).toString('base64') })
  }
  return files
}

const attached = [
  jiraTool({
    name: 'jira_download_attachments',
    title: 'Attachments of an issue',
    description:
      'Attachments with their content as base64, up to 60,000 bytes together; larger ones are named only.',
    toolset: 'attachments',
    effect: 'read',
    whole: true,
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: z.object({ issue_key: z.string(), attachments: z.array(file) }),
    run: async (client, { issue_key: key }, context) => ({
      issue_key: key,
      attachments: await filesOf(client, key, { pictures: false, context }),
    }),
  }),
  jiraTool({
    name: 'jira_get_issue_images',
    title: 'Pictures of an issue',
    description:
      'Pictures among the attachments as base64, up to 60,000 bytes together; larger ones are named only.',
    toolset: 'attachments',
    effect: 'read',
    whole: true,
    scope: ofIssue,
    input: z.object({ issue_key: issueKey }),
    output: z.object({ issue_key: z.string(), images: z.array(file) }),
    run: async (client, { issue_key: key }, context) => ({
      issue_key: key,
      images: await filesOf(client, key, { pictures: true, context }),
    }),
  }),
]

export const workTools = [...reading, ...past, ...changing, ...linking, ...attached]
