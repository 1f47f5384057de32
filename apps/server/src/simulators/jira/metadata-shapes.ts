import { createRandom } from '../random.ts'
import {
  custom,
  epicNameField,
  storyPointsField,
  type FieldKind,
  type JiraField,
  type JiraFlavour,
  type JiraIssueTypeName,
  type JiraOption,
  type JiraProject,
  type JiraScreen,
} from './jira-catalog.ts'
import type { JiraSimulatorOptions } from './jira-simulator.ts'

/** One project of one Jira, as somebody may have set it up. */
export type MetadataShape = {
  readonly name: string
  readonly flavour: JiraFlavour
  readonly options: Pick<
    JiraSimulatorOptions,
    'flavour' | 'projects' | 'fields' | 'fieldNames' | 'createMetadata' | 'listMember'
  >
  readonly issueType: JiraIssueTypeName
  /** There are issues of this type already, with everything filled in. */
  readonly hasIssues: boolean
  /** What somebody who knows this Jira types where nothing is offered. */
  readonly knows: Readonly<Record<string, string>>
}

export const shapeProject = 'SHP'

const plugin = 'com.atlassian.jira.plugin.system.customfieldtypes'
const options = (first: number, values: readonly string[]): JiraOption[] =>
  values.map((value, index) => ({ id: String(first + index), value }))
const regions = options(20_100, ['צפון', 'דרום', 'Centre', 'A "quoted", one'])

type Recipe = {
  readonly id: string
  readonly names: readonly [string, string]
  readonly kind: FieldKind
  readonly type: string
  readonly items?: string
  readonly custom: string
  readonly options?: readonly JiraOption[]
  readonly knows?: string
}

/** Every kind of field that a create screen can require. */
const recipes: readonly Recipe[] = [
  {
    id: '20001',
    names: ['Cost centre', 'מרכז עלות'],
    kind: 'text',
    type: 'string',
    custom: `${plugin}:textfield`,
  },
  {
    id: '20002',
    names: ['Business case', 'הצדקה עסקית'],
    kind: 'long-text',
    type: 'string',
    custom: `${plugin}:textarea`,
  },
  {
    id: '20003',
    names: ['Budget', 'תקציב'],
    kind: 'number',
    type: 'number',
    custom: `${plugin}:float`,
  },
  {
    id: '20004',
    names: ['Region', 'אזור'],
    kind: 'option',
    type: 'option',
    custom: `${plugin}:select`,
    options: regions,
  },
  {
    id: '20005',
    names: ['Risk', 'סיכון'],
    kind: 'option',
    type: 'option',
    custom: `${plugin}:radiobuttons`,
    options: options(20_200, ['Low', 'High']),
  },
  {
    id: '20006',
    names: ['Channels', 'ערוצים'],
    kind: 'options',
    type: 'array',
    items: 'option',
    custom: `${plugin}:multiselect`,
    options: options(20_300, ['Web', 'Branch', 'Phone']),
  },
  {
    id: '20007',
    names: ['Checks', 'בדיקות'],
    kind: 'options',
    type: 'array',
    items: 'option',
    custom: `${plugin}:multicheckboxes`,
    options: options(20_400, ['Law', 'Security']),
  },
  {
    id: '20008',
    names: ['Product line', 'קו מוצר'],
    kind: 'cascading',
    type: 'option-with-child',
    custom: `${plugin}:cascadingselect`,
    options: [
      { id: '20500', value: 'Cards', children: options(20_510, ['Credit', 'Debit']) },
      { id: '20501', value: 'Loans', children: options(20_520, ['Home']) },
    ],
  },
  {
    id: '20009',
    names: ['Business owner', 'בעלים עסקי'],
    kind: 'person',
    type: 'user',
    custom: `${plugin}:userpicker`,
  },
  {
    id: '20010',
    names: ['Approvers', 'מאשרים'],
    kind: 'people',
    type: 'array',
    items: 'user',
    custom: `${plugin}:multiuserpicker`,
  },
  {
    id: '20011',
    names: ['Go-live', 'עלייה לאוויר'],
    kind: 'date',
    type: 'date',
    custom: `${plugin}:datepicker`,
  },
  {
    id: '20012',
    names: ['Change window', 'חלון שינוי'],
    kind: 'datetime',
    type: 'datetime',
    custom: `${plugin}:datetime`,
  },
  {
    id: '20013',
    names: ['Design link', 'קישור לעיצוב'],
    kind: 'url',
    type: 'string',
    custom: `${plugin}:url`,
  },
  {
    id: '20014',
    names: ['Support group', 'קבוצת תמיכה'],
    kind: 'group',
    type: 'group',
    custom: `${plugin}:grouppicker`,
    knows: 'jira-software-users',
  },
  {
    id: '20015',
    names: ['Tags', 'תגיות'],
    kind: 'labels',
    type: 'array',
    items: 'string',
    custom: `${plugin}:labels`,
  },
  {
    id: '20016',
    names: ['Team', 'צוות'],
    kind: 'team',
    type: 'team',
    custom: 'com.atlassian.teams:rm-teams-custom-field-team',
    options: [{ id: 'b6fcd1a2-11', value: 'Payments' }],
    knows: 'b6fcd1a2-11',
  },
  {
    id: '20017',
    names: ['Found in', 'נמצא בגרסה'],
    kind: 'one-version',
    type: 'version',
    custom: `${plugin}:version`,
  },
  {
    id: '20018',
    names: ['Ships in', 'יוצא בגרסאות'],
    kind: 'version',
    type: 'array',
    items: 'version',
    custom: `${plugin}:multiversion`,
  },
]

function fieldOf({ id, names, knows: _knows, ...recipe }: Recipe): JiraField {
  return custom(`customfield_${id}`, names, recipe)
}

const furtherSystemFields = [
  'components',
  'fixVersions',
  'versions',
  'duedate',
  'environment',
  'priority',
]
const usual = ['labels', 'priority', 'assignee', storyPointsField]

type Setting = Pick<MetadataShape['options'], 'createMetadata' | 'listMember'> & {
  readonly name: string
  readonly flavour: JiraFlavour
}

const settings: readonly Setting[] = [
  { name: 'Cloud', flavour: 'cloud', createMetadata: 'new', listMember: 'usual' },
  { name: 'Data Center 8.14', flavour: 'dc', createMetadata: 'both', listMember: 'usual' },
  { name: 'Cloud, values', flavour: 'cloud', createMetadata: 'new', listMember: 'values' },
  { name: 'Data Center 8.20', flavour: 'dc', createMetadata: 'both', listMember: 'usual' },
  { name: 'Data Center 9.4', flavour: 'dc', createMetadata: 'new', listMember: 'usual' },
  { name: 'Cloud, results', flavour: 'cloud', createMetadata: 'new', listMember: 'results' },
  { name: 'Data Center 9.12', flavour: 'dc', createMetadata: 'new', listMember: 'usual' },
  {
    name: 'Data Center behind an old plugin',
    flavour: 'dc',
    createMetadata: 'old',
    listMember: 'usual',
  },
  { name: 'Data Center 10.3', flavour: 'dc', createMetadata: 'new', listMember: 'usual' },
]

type Hardening =
  | 'none'
  | 'bare-screen'
  | 'silent'
  | 'silent-and-empty'
  | 'silent-and-required'
  | 'no-permission'

/** One in ten is hardened; what nobody can know in advance is one in forty. */
function hardeningOf(index: number): Hardening {
  if (index % 80 === 39) return 'no-permission'
  if (index % 80 === 79 || index % 200 === 119) return 'silent-and-required'
  if (index % 20 === 9) return 'silent'
  if (index % 20 === 19) return 'silent-and-empty'
  return index % 5 === 3 ? 'bare-screen' : 'none'
}

const types: readonly JiraIssueTypeName[] = [
  'Story',
  'Task',
  'Bug',
  'Story',
  'Epic',
  'Story',
  'Sub-task',
]

/**
 * One of as many shapes of create metadata as are wanted; the same number gives the same shape.
 * Two hundred are the bar of CON-11.
 */
export function metadataShape(index: number): MetadataShape {
  const random = createRandom(index * 7_919 + 17)
  const setting = settings[index % settings.length] ?? settings[0]
  if (setting === undefined) throw new Error('there are no settings')
  const hardening = hardeningOf(index)
  const { flavour } = setting
  const required = requiredOf(index, hardening, random)
  const issueType = hardening === 'none' ? (types[index % types.length] ?? 'Story') : 'Story'
  const project = projectOf({ hardening, required, issueType, flavour, random })
  const isSilent = hardening.startsWith('silent')
  return {
    name: `${index}: ${setting.name}, ${hardening}, ${issueType}, ${required.length} required`,
    flavour,
    options: {
      flavour,
      projects: [project],
      fields: recipes.map(fieldOf),
      fieldNames: index % 3 === 0 ? 'he' : 'en',
      createMetadata: isSilent ? 'none' : (setting.createMetadata ?? 'new'),
      listMember: setting.listMember ?? 'usual',
    },
    issueType,
    hasIssues: hardening === 'silent',
    knows: Object.fromEntries(
      recipes.flatMap(({ id, knows }) =>
        knows === undefined ? [] : [[`customfield_${id}`, knows]],
      ),
    ),
  }
}

function requiredOf(index: number, hardening: Hardening, random: () => number): string[] {
  if (hardening === 'silent-and-empty' || hardening === 'no-permission') return []
  const count = hardening === 'silent-and-required' ? 1 : index % 5
  const all = [...recipes.map(({ id }) => `customfield_${id}`), ...furtherSystemFields]
  const chosen = new Set<string>()
  // Each kind comes about as often as each other.
  for (let step = 0; chosen.size < count; step += 1) {
    const offset = Math.floor(random() * 3)
    const id = all[(index * 3 + step * 7 + offset) % all.length]
    if (id !== undefined) chosen.add(id)
  }
  return [...chosen]
}

type Making = {
  readonly hardening: Hardening
  readonly required: readonly string[]
  readonly issueType: JiraIssueTypeName
  readonly flavour: JiraFlavour
  readonly random: () => number
}

function screenOf({ hardening, required, issueType, flavour, random }: Making): JiraScreen {
  if (hardening === 'silent-and-empty') return { issueType, fields: ['priority'] }
  const offered = hardening === 'bare-screen' ? usual.filter(() => random() < 0.4) : usual
  const epicName = issueType === 'Epic' && flavour === 'dc' ? [epicNameField] : []
  return {
    issueType,
    fields: [...new Set([...offered, ...required, ...epicName])],
    required: [...required, ...epicName],
    defaulted: required.filter(() => random() < 0.1),
    ...(hardening === 'bare-screen' && random() < 0.3 ? { hidesDescription: true } : {}),
  }
}

function projectOf({ hardening, required, issueType, flavour, random }: Making): JiraProject {
  const screen = screenOf({ hardening, required, issueType, flavour, random })
  const tasks = { issueType: 'Task' as const, fields: usual }
  const screens = issueType === 'Task' ? [screen] : [screen, tasks]
  return {
    id: '10900',
    key: shapeProject,
    name: 'Shapes',
    screens,
    components: [
      { id: '30001', name: 'Core' },
      { id: '30002', name: 'ממשק' },
    ],
    versions: [
      { id: '30101', name: '1.0' },
      { id: '30102', name: '2.0' },
    ],
    ...(hardening === 'no-permission' ? { refusesCreate: true } : {}),
  }
}
