/**
 * What a Jira is made of before anybody creates an issue. Names of fields and types, screens and
 * the shapes of metadata follow Jira Data Center 10.3 and Jira Cloud platform v3.
 */
export type JiraFlavour = 'dc' | 'cloud'

export type JiraPerson = {
  /** Data Center: the login name, which is our employee id. */
  readonly name: string
  /** Data Center: the stable key, like `JIRAUSER10100`. */
  readonly key: string
  /** Cloud: the stable id. */
  readonly accountId: string
  readonly displayName: string
  readonly emailAddress: string
  /** Cloud: the person's privacy settings leave the e-mail address out. */
  readonly isEmailHidden?: boolean
  /** Data Center answers for `inactive` and `deleted` people; Cloud does not know `deleted`. */
  readonly status: 'active' | 'inactive' | 'deleted'
  readonly locale: string
  readonly timeZone: string
  /** Data Center: 44 characters, base64 of `<12 digits>:<20 bytes>`. */
  readonly personalAccessToken: string
  /** Cloud: used with the e-mail address. */
  readonly apiToken: string
  /** Six hexadecimal digits. */
  readonly colour: string
  /** The type of the avatar's bytes. */
  readonly avatar: 'png' | 'svg'
}

export type JiraScreen = {
  readonly issueType: JiraIssueTypeName
  /** Field ids besides project, type, summary, description and reporter, which every screen has. */
  readonly fields: readonly string[]
  readonly required?: readonly string[]
  /** Required ones that Jira fills in when nothing is sent. */
  readonly defaulted?: readonly string[]
  /** Nobody may describe an issue while creating it. */
  readonly hidesDescription?: boolean
}

export type JiraNamed = { readonly id: string; readonly name: string }

export type JiraProject = {
  readonly components?: readonly JiraNamed[]
  /** Besides those that are made later. */
  readonly versions?: readonly JiraNamed[]
  /** What the create screens allow this person is not told: neither types nor fields. */
  readonly hidesMetadata?: boolean
  /** Nobody but its administrators may create an issue. */
  readonly refusesCreate?: boolean
  readonly id: string
  readonly key: string
  readonly name: string
  readonly description?: string
  readonly screens: readonly JiraScreen[]
}

export type JiraIssueType = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly subtask: boolean
  readonly hierarchyLevel: number
}

export const issueTypes = [
  {
    id: '10000',
    name: 'Epic',
    description: 'A big user story that needs to be broken down.',
    subtask: false,
    hierarchyLevel: 1,
  },
  {
    id: '10001',
    name: 'Story',
    description: 'Functionality or a feature expressed as a user goal.',
    subtask: false,
    hierarchyLevel: 0,
  },
  {
    id: '10002',
    name: 'Task',
    description: 'A small, distinct piece of work.',
    subtask: false,
    hierarchyLevel: 0,
  },
  {
    id: '10003',
    name: 'Sub-task',
    description: 'A small piece of work that is part of a larger task.',
    subtask: true,
    hierarchyLevel: -1,
  },
  {
    id: '10004',
    name: 'Bug',
    description: 'A problem or error.',
    subtask: false,
    hierarchyLevel: 0,
  },
] as const satisfies readonly JiraIssueType[]

export type JiraIssueTypeName = (typeof issueTypes)[number]['name']

export type JiraOption = {
  readonly id: string
  readonly value: string
  /** Of a cascading list. */
  readonly children?: readonly JiraOption[]
}

export type FieldKind =
  | 'text'
  | 'long-text'
  | 'labels'
  | 'number'
  | 'option'
  | 'options'
  | 'cascading'
  | 'people'
  | 'date'
  | 'datetime'
  | 'url'
  | 'group'
  | 'team'
  | 'sprint'
  | 'component'
  | 'version'
  | 'one-version'
  | 'priority'
  | 'person'
  | 'parent'
  | 'epic-link'
  | 'project'
  | 'issue-type'
  | 'read-only'

export type JiraFieldSchema = {
  readonly type: string
  readonly system?: string
  readonly items?: string
  readonly custom?: string
  readonly customId?: number
}

export type JiraField = {
  readonly id: string
  readonly name: string
  /** The name that a person with a Hebrew Jira sees. */
  readonly hebrewName: string
  readonly kind: FieldKind
  readonly schema: JiraFieldSchema
  readonly clauseNames: readonly string[]
  readonly options?: readonly JiraOption[]
}

export const storyPointsField = 'customfield_10016'
export const epicNameField = 'customfield_10011'
export const epicLinkField = 'customfield_10014'
export const assignedTeamField = 'customfield_10200'

const customTypes = 'com.atlassian.jira.plugin.system.customfieldtypes'
const agile = 'com.pyxis.greenhopper.jira'

function system(
  id: string,
  [name, hebrewName]: readonly [string, string],
  rest: { kind: FieldKind; type: string; items?: string; clauseNames?: readonly string[] },
): JiraField {
  const { kind, type, items, clauseNames = [id] } = rest
  const schema = { type, ...(items === undefined ? {} : { items }), system: id }
  return { id, name, hebrewName, kind, schema, clauseNames }
}

export function custom(
  id: string,
  [name, hebrewName]: readonly [string, string],
  rest: {
    kind: FieldKind
    type: string
    items?: string
    custom: string
    options?: readonly JiraOption[]
  },
): JiraField {
  const customId = Number(id.slice('customfield_'.length))
  const { kind, type, items, options } = rest
  return {
    id,
    name,
    hebrewName,
    kind,
    schema: { type, ...(items === undefined ? {} : { items }), custom: rest.custom, customId },
    clauseNames: [`cf[${customId}]`, name],
    ...(options === undefined ? {} : { options }),
  }
}

const shared: readonly JiraField[] = [
  system('summary', ['Summary', 'תקציר'], { kind: 'text', type: 'string' }),
  system('issuetype', ['Issue Type', 'סוג פריט'], {
    kind: 'issue-type',
    type: 'issuetype',
    clauseNames: ['issuetype', 'type'],
  }),
  system('project', ['Project', 'פרויקט'], { kind: 'project', type: 'project' }),
  system('description', ['Description', 'תיאור'], { kind: 'long-text', type: 'string' }),
  system('labels', ['Labels', 'תוויות'], { kind: 'labels', type: 'array', items: 'string' }),
  system('priority', ['Priority', 'עדיפות'], { kind: 'priority', type: 'priority' }),
  system('assignee', ['Assignee', 'מוקצה אל'], { kind: 'person', type: 'user' }),
  system('reporter', ['Reporter', 'מדווח'], { kind: 'person', type: 'user' }),
  system('parent', ['Parent', 'פריט אב'], { kind: 'parent', type: 'issuelink' }),
  system('status', ['Status', 'סטטוס'], { kind: 'read-only', type: 'status' }),
  system('resolution', ['Resolution', 'החלטה'], { kind: 'read-only', type: 'resolution' }),
  system('creator', ['Creator', 'יוצר'], { kind: 'read-only', type: 'user' }),
  system('created', ['Created', 'נוצר'], {
    kind: 'read-only',
    type: 'datetime',
    clauseNames: ['created', 'createdDate'],
  }),
  system('updated', ['Updated', 'עודכן'], {
    kind: 'read-only',
    type: 'datetime',
    clauseNames: ['updated', 'updatedDate'],
  }),
  system('comment', ['Comment', 'תגובה'], { kind: 'read-only', type: 'comments-page' }),
  system('issuelinks', ['Linked Issues', 'פריטים מקושרים'], {
    kind: 'read-only',
    type: 'array',
    items: 'issuelinks',
    clauseNames: [],
  }),
  system('subtasks', ['Sub-Tasks', 'תת-משימות'], {
    kind: 'read-only',
    type: 'array',
    items: 'issuelinks',
    clauseNames: ['subtasks'],
  }),
  custom(assignedTeamField, ['Assigned Team', 'צוות אחראי'], {
    kind: 'option',
    type: 'option',
    custom: `${customTypes}:select`,
    options: [
      { id: '10301', value: 'Payments Core' },
      { id: '10302', value: 'Platform' },
      { id: '10303', value: 'שירות לקוחות' },
    ],
  }),
]

const onlyDataCenter: readonly JiraField[] = [
  custom(storyPointsField, ['Story Points', 'נקודות סיפור'], {
    kind: 'number',
    type: 'number',
    custom: `${customTypes}:float`,
  }),
  custom(epicNameField, ['Epic Name', 'שם אפיק'], {
    kind: 'text',
    type: 'string',
    custom: `${agile}:gh-epic-label`,
  }),
  custom(epicLinkField, ['Epic Link', 'קישור לאפיק'], {
    kind: 'epic-link',
    type: 'any',
    custom: `${agile}:gh-epic-link`,
  }),
]

const onlyCloud: readonly JiraField[] = [
  custom(storyPointsField, ['Story point estimate', 'אומדן נקודות סיפור'], {
    kind: 'number',
    type: 'number',
    custom: `${agile}:jsw-story-points`,
  }),
]

/** Fields that a world may put on its screens besides those of every Jira. */
export const furtherFields: readonly JiraField[] = [
  system('components', ['Components', 'רכיבים'], {
    kind: 'component',
    type: 'array',
    items: 'component',
  }),
  system('fixVersions', ['Fix Version/s', 'גרסאות תיקון'], {
    kind: 'version',
    type: 'array',
    items: 'version',
    clauseNames: ['fixVersion'],
  }),
  system('versions', ['Affects Version/s', 'גרסאות מושפעות'], {
    kind: 'version',
    type: 'array',
    items: 'version',
    clauseNames: ['affectedVersion'],
  }),
  system('duedate', ['Due Date', 'תאריך יעד'], {
    kind: 'date',
    type: 'date',
    clauseNames: ['due'],
  }),
  system('environment', ['Environment', 'סביבה'], { kind: 'long-text', type: 'string' }),
]

export function fieldsOf(flavour: JiraFlavour): readonly JiraField[] {
  return [...shared, ...furtherFields, ...(flavour === 'dc' ? onlyDataCenter : onlyCloud)]
}

export const priorities = [
  { id: '1', name: 'Highest' },
  { id: '2', name: 'High' },
  { id: '3', name: 'Medium' },
  { id: '4', name: 'Low' },
  { id: '5', name: 'Lowest' },
] as const

export const statuses = [
  {
    id: '10000',
    name: 'To Do',
    category: { id: 2, key: 'new', name: 'To Do', colorName: 'blue-gray' },
  },
  {
    id: '3',
    name: 'In Progress',
    category: { id: 4, key: 'indeterminate', name: 'In Progress', colorName: 'yellow' },
  },
  {
    id: '10001',
    name: 'Done',
    category: { id: 3, key: 'done', name: 'Done', colorName: 'green' },
  },
] as const

/** Every status can be reached from every other. */
export const transitions = [
  { id: '11', name: 'Reopen', statusId: '10000' },
  { id: '21', name: 'Start', statusId: '3' },
  { id: '31', name: 'Finish', statusId: '10001' },
] as const

export const linkTypes = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' },
  { id: '10002', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
  { id: '10003', name: 'Relates', inward: 'relates to', outward: 'relates to' },
  { id: '10004', name: 'Split', inward: 'split from', outward: 'split to' },
] as const
