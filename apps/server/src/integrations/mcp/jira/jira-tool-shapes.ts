import { z } from 'zod'

/**
 * Arguments and results of our Jira tools. Names and types of arguments are those of
 * sooperset/mcp-atlassian, so that a prompt or a rule for the other server works with ours.
 */
export const projectKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]+$/)
  .describe('Key of the project, such as PAY.')

export const issueKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]+-\d+$/)
  .describe('Key of the issue, such as PAY-7.')

export const fieldsCsv = z
  .string()
  .describe('Comma-separated field ids; default: what a list shows. *all for every field.')

export const issue = z.object({
  id: z.string(),
  key: z.string(),
  url: z.string(),
  summary: z.string(),
  /** Markdown, from the wiki markup of Data Center and the documents of Cloud. */
  description: z.string(),
  status: z.string().optional(),
  issueType: z.string().optional(),
  priority: z.string().optional(),
  assignee: z.string().optional(),
  reporter: z.string().optional(),
  labels: z.array(z.string()),
  created: z.string().optional(),
  updated: z.string().optional(),
  comments: z
    .array(z.object({ author: z.string(), created: z.string(), body: z.string() }))
    .optional(),
  /** Further fields that were asked for, as Jira sends them. */
  fields: z.record(z.string(), z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  /** Parts that were asked for. */
  included: z.record(z.string(), z.unknown()).optional(),
})
export type IssueResult = z.output<typeof issue>

export const getUserProfile = {
  input: z.object({
    user_identifier: z
      .string()
      .default('me')
      .describe('Only the owner of the credential: me, or the own name, e-mail or account id.'),
  }),
  output: z.object({
    employeeId: z.string(),
    name: z.string(),
    displayName: z.string(),
    email: z.string().optional(),
    avatarUrl: z.string().optional(),
    baseUrl: z.string(),
  }),
}

export const getAllProjects = {
  input: z.object({
    include_archived: z.boolean().default(false).describe('Archived projects too.'),
  }),
  output: z.object({
    projects: z.array(
      z.object({ id: z.string(), key: z.string(), name: z.string(), archived: z.boolean() }),
    ),
    /** How many there are; more than are listed when the list was cut. */
    total: z.int(),
  }),
}

export const getProjectIssueTypes = {
  input: z.object({ project_key: projectKey }),
  output: z.object({
    issueTypes: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        description: z.string(),
        subtask: z.boolean(),
      }),
    ),
  }),
}

const choice = z.object({ id: z.string().optional(), name: z.string().optional() })

export const getCreateFields = {
  input: z.object({
    project_key: projectKey,
    issue_type_id: z.string().min(1).describe('Id from jira_get_project_issue_types.'),
  }),
  output: z.object({
    fields: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        required: z.boolean(),
        hasDefaultValue: z.boolean(),
        type: z.string(),
        items: z.string().optional(),
        custom: z.string().optional(),
        system: z.string().optional(),
        /** At most 500 of a required field, else 50. */
        allowedValues: z.array(choice.extend({ children: z.array(choice).optional() })).optional(),
      }),
    ),
    /** Absent where the type takes no story points when it is created. */
    storyPointsFieldId: z.string().optional(),
  }),
}

export const search = {
  input: z.object({
    jql: z.string().min(1).describe('JQL; on Jira Cloud it must be bounded, e.g. by a project.'),
    fields: fieldsCsv.optional(),
    limit: z.int().min(1).max(50).default(10).describe('1 to 50.'),
    start_at: z.int().min(0).default(0).describe('Data Center: how many to skip.'),
    projects_filter: z.string().optional().describe('Comma-separated project keys.'),
    expand: z.string().optional().describe('As the Jira API documents it.'),
    use_display_names: z
      .boolean()
      .default(false)
      .describe('Further fields by the name that people see instead of the id.'),
    page_token: z.string().optional().describe('Cloud: nextPageToken of the page before.'),
  }),
  output: z.object({
    issues: z.array(issue),
    total: z.int().optional(),
    startAt: z.int().optional(),
    nextPageToken: z.string().optional(),
  }),
}

export const getIssue = {
  input: z.object({
    issue_key: issueKey,
    fields: fieldsCsv.optional(),
    expand: z.string().optional().describe('As the Jira API documents it.'),
    comment_limit: z.int().min(0).max(100).default(10).describe('Newest comments; 0 for none.'),
    properties: z.string().optional().describe('Comma-separated keys of entity properties.'),
    include: z
      .string()
      .optional()
      .describe('Comma-separated parts to add: transitions, watchers, worklog, attachments.'),
    use_display_names: z
      .boolean()
      .default(false)
      .describe('Further fields by the name that people see instead of the id.'),
    update_history: z
      .boolean()
      .default(false)
      .describe('True puts the issue on the list of things that the person saw lately.'),
  }),
  output: issue,
}

export const createIssue = {
  input: z.object({
    project_key: projectKey,
    summary: z.string().min(1).max(255).describe('One line, at most 255 characters.'),
    issue_type: z.string().min(1).describe('Name, such as Story, or id of the issue type.'),
    assignee: z
      .string()
      .optional()
      .describe('Login name on Data Center, account id on Jira Cloud.'),
    description: z
      .string()
      .max(32_767)
      .optional()
      .describe('Markdown; becomes what this Jira understands.'),
    components: z.string().optional().describe('Comma-separated names of components.'),
    additional_fields: z
      .string()
      .optional()
      .describe('JSON object of further fields by id, such as {"labels": ["a"]}.'),
    marker: z
      .string()
      .regex(/^so-[a-z2-7]{10}$/)
      .optional()
      .describe('Of a caller that looks for a lost issue itself; default: one is made.'),
  }),
  output: z.object({
    id: z.string(),
    key: z.string(),
    url: z.string(),
    /** What the issue carries, so that it is found again when an answer is lost. */
    marker: z.string().optional(),
    /** The answer was lost, and the issue was found by its marker. */
    recovered: z.boolean().optional(),
  }),
}
