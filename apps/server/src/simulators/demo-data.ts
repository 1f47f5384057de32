import {
  assignedTeamField,
  epicLinkField,
  epicNameField,
  storyPointsField,
  type JiraPerson,
  type JiraProject,
  type JiraScreen,
} from './jira/jira-catalog.ts'
import type { ConfluencePerson, ConfluenceSpace } from './confluence/confluence-simulator.ts'
import { samplePages, sampleTemplates } from './confluence/sample-pages.ts'
import type { TrelloBoard, TrelloMember } from './trello/trello-simulator.ts'

/** The key of the demo's model. It opens nothing but the simulator. */
export const demoModelKey = 'sk-demo-studioops-opens-only-the-simulator'

/** What each person's browser would hold after signing in to the demo's company model. */
export function demoCookie(employeeId: string): string {
  return `demo-login-of-${employeeId}`
}

/** 12 digits and exactly 20 bytes, which is the shape that Jira Data Center gives its tokens. */
function personalAccessToken(digits: string, secret: string): string {
  return Buffer.from(`${digits}:${secret}`, 'latin1').toString('base64')
}

/** About as long as Atlassian's own. */
function apiToken(seed: string): string {
  const letters = Buffer.from(`${seed} `.repeat(20)).toString('base64url')
  return `ATATT3xFfGF0${letters.slice(0, 171)}=${seed.length.toString(16).padStart(8, '0')}`
}

/**
 * The people of the demo. The tokens are public: they open the simulated Jira only.
 * An inactive and a deleted person are there to see what registration says about them.
 */
export const demoPeople: readonly JiraPerson[] = [
  {
    name: 'noa.levi',
    key: 'JIRAUSER10100',
    accountId: '712020:8d1f0b6e-1c52-4f0e-9a51-0d3c5f1a0100',
    displayName: 'נועה לוי',
    emailAddress: 'noa.levi@studio.example',
    status: 'active',
    locale: 'iw_IL',
    timeZone: 'Asia/Jerusalem',
    personalAccessToken: personalAccessToken('104512880001', '\xd3\x1f demo: Noa Levi \x9c\xe2'),
    apiToken: apiToken('demo Noa Levi'),
    colour: '7c3aed',
    avatar: 'png',
  },
  {
    name: 'daniel.cohen',
    key: 'JIRAUSER10101',
    accountId: '712020:8d1f0b6e-1c52-4f0e-9a51-0d3c5f1a0101',
    displayName: 'Daniel Cohen',
    emailAddress: 'daniel.cohen@studio.example',
    status: 'active',
    locale: 'en_US',
    timeZone: 'Asia/Jerusalem',
    personalAccessToken: personalAccessToken('417733920002', '\xa7demo: Daniel Cohen\xf1'),
    apiToken: apiToken('demo Daniel Cohen'),
    colour: '0f766e',
    avatar: 'png',
  },
  {
    name: 'maya.green',
    key: 'JIRAUSER10102',
    accountId: '712020:8d1f0b6e-1c52-4f0e-9a51-0d3c5f1a0102',
    displayName: 'Maya Green',
    emailAddress: 'maya.green@studio.example',
    isEmailHidden: true,
    status: 'active',
    locale: 'en_UK',
    timeZone: 'Europe/London',
    personalAccessToken: personalAccessToken('820164550003', '\x8b\xc4demo: Maya Green\x97\xee'),
    apiToken: apiToken('demo Maya Green'),
    colour: 'b45309',
    avatar: 'svg',
  },
  {
    name: 'omer.katz',
    key: 'JIRAUSER10103',
    accountId: '712020:8d1f0b6e-1c52-4f0e-9a51-0d3c5f1a0103',
    displayName: 'עומר כץ',
    emailAddress: 'omer.katz@studio.example',
    status: 'inactive',
    locale: 'iw_IL',
    timeZone: 'Asia/Jerusalem',
    personalAccessToken: personalAccessToken('530091470004', '\x91 demo: Omer Katz \xbd\xe6'),
    apiToken: apiToken('demo Omer Katz'),
    colour: '475569',
    avatar: 'png',
  },
  {
    name: 'lior.amit',
    key: 'JIRAUSER10104',
    accountId: '712020:8d1f0b6e-1c52-4f0e-9a51-0d3c5f1a0104',
    displayName: 'Lior Amit',
    emailAddress: 'lior.amit@studio.example',
    status: 'deleted',
    locale: 'en_US',
    timeZone: 'Asia/Jerusalem',
    personalAccessToken: personalAccessToken('266840310005', '\xdf demo: Lior Amit \x86\xf9'),
    apiToken: apiToken('demo Lior Amit'),
    colour: '9f1239',
    avatar: 'png',
  },
]

/** What the person of the demo pastes to connect the simulated Confluence; not the token of Jira. */
export const demoConfluencePeople: readonly ConfluencePerson[] = demoPeople.map(
  (person, index) => ({
    ...person,
    personalAccessToken: personalAccessToken(
      `70451288000${index + 1}`,
      `\xc3demo wiki ${person.key.slice(-9)}`.padEnd(20, '.').slice(0, 20),
    ),
    apiToken: apiToken(`demo wiki ${person.name}`),
  }),
)

export const demoConfluenceSpaces: readonly ConfluenceSpace[] = [
  { id: 65_537, key: 'TEAM', name: 'Team handbook' },
  { id: 65_538, key: 'PAY', name: 'Payments' },
  { id: 65_539, key: 'STU', name: 'סטודיו' },
]

/** What is there before anybody connects: people, spaces, pages in both languages. */
export const demoConfluence = {
  people: demoConfluencePeople,
  spaces: demoConfluenceSpaces,
  pages: samplePages,
  templates: sampleTemplates,
}

/** The API key of the demo's Trello. It opens nothing but the simulator. */
export const demoTrelloKey = 'de30de30de30de30de30de30de30de30'

/** Daniel's address is hidden, so that what cannot be compared can be seen. */
export const demoTrelloMembers: readonly TrelloMember[] = demoPeople.map((person, index) => ({
  id: `5f0d0e4a1b2c3d4e5f60710${index}`,
  username: person.name.replace('.', ''),
  fullName: person.name === 'daniel.cohen' ? 'Danny C.' : person.displayName,
  ...(person.name === 'daniel.cohen' ? {} : { email: person.emailAddress }),
  token: `ATTAde30${String(index + 1).repeat(56)}DE300${index + 1}`,
}))

/** One in each language, and one that a team of both shares. */
export const demoTrelloBoards: readonly TrelloBoard[] = [
  {
    id: '5f0d0e4a1b2c3d4e5f607201',
    name: 'Studio week',
    desc: 'What the studio does this week.',
    labels: { green: 'Ready', red: 'Blocked', blue: 'Customer' },
    lists: [
      {
        name: 'This week',
        cards: [
          {
            name: 'Landing page for the summer campaign',
            desc: 'Hero picture, price table, form. Texts come from Noa.',
            labels: ['Customer'],
            members: ['danielcohen'],
            dueInDays: 2,
            checklist: { name: 'Pieces', items: ['Hero picture', 'Price table', 'Form'] },
            ticked: 1,
            comments: [{ by: 'noalevi', text: 'הטקסטים בדרך, מחר בבוקר.' }],
          },
          { name: 'Invoice for September', labels: ['Customer'], dueInDays: -1 },
          { name: 'Renew the certificate of the shop', labels: ['Blocked'], dueInDays: 5 },
        ],
      },
      {
        name: 'In progress',
        cards: [
          {
            name: 'Colour check of the catalogue',
            labels: ['Ready'],
            members: ['noalevi', 'mayagreen'],
          },
        ],
      },
      {
        name: 'Done',
        cards: [{ name: 'Photos of the new team', dueInDays: -3, dueComplete: true }],
      },
    ],
  },
  {
    id: '5f0d0e4a1b2c3d4e5f607202',
    name: 'Payments',
    labels: { yellow: 'Bug', purple: 'Research' },
    lists: [
      {
        name: 'Backlog',
        cards: [
          { name: 'Card form forgets the postal code', labels: ['Bug'] },
          { name: 'Compare fees of three providers', labels: ['Research'] },
        ],
      },
      { name: 'Doing', cards: [{ name: 'Refund by one click', members: ['danielcohen'] }] },
      { name: 'Shipped', cards: [] },
    ],
  },
  {
    id: '5f0d0e4a1b2c3d4e5f607203',
    name: 'קמפיין קיץ',
    desc: 'כל מה שקשור לקמפיין הקיץ של הסטודיו.',
    labels: { green: 'מאושר', orange: 'ממתין ללקוח' },
    lists: [
      {
        name: 'לביצוע',
        cards: [
          {
            name: 'הצעת מחיר – קמפיין קיץ',
            desc: 'כולל מע״מ, שלוש חלופות.',
            labels: ['ממתין ללקוח'],
            members: ['noalevi'],
            dueInDays: 1,
            checklist: { name: 'שלבים', items: ['איסוף מחירים', 'אישור מנהלת', 'שליחה ללקוח'] },
            ticked: 1,
          },
          { name: 'צילומים בחוף', dueInDays: 7 },
        ],
      },
      { name: 'בעבודה', cards: [{ name: 'עיצוב באנר ‎728×90', labels: ['מאושר'] }] },
      { name: 'הושלם', cards: [] },
    ],
  },
]

const usual = ['labels', 'priority', 'assignee']

const epic: JiraScreen = {
  issueType: 'Epic',
  fields: [...usual, epicNameField],
  required: [epicNameField],
}
const subTask: JiraScreen = { issueType: 'Sub-task', fields: usual }

/**
 * - `PAY`: all types; story points on stories and bugs.
 * - `STU`: a Hebrew name, and `labels` is not on the create screen.
 * - `OPS`: the field "Assigned Team" is required.
 * - `DOC`: its stories have no story points.
 */
export const demoProjects: readonly JiraProject[] = [
  {
    id: '10100',
    key: 'PAY',
    name: 'Payments',
    description: 'Checkout, cards and refunds.',
    screens: [
      { issueType: 'Story', fields: [...usual, storyPointsField, epicLinkField] },
      { issueType: 'Bug', fields: [...usual, storyPointsField, epicLinkField] },
      { issueType: 'Task', fields: [...usual, epicLinkField] },
      epic,
      subTask,
    ],
  },
  {
    id: '10101',
    key: 'STU',
    name: 'סטודיו',
    description: 'האתר ומערכת ההזמנות של הסטודיו.',
    screens: [
      { issueType: 'Story', fields: ['priority', 'assignee', storyPointsField, epicLinkField] },
      { issueType: 'Task', fields: ['priority', 'assignee'] },
    ],
  },
  {
    id: '10102',
    key: 'OPS',
    name: 'Operations',
    description: 'Requests are routed to a team.',
    screens: [
      {
        issueType: 'Story',
        fields: [...usual, storyPointsField, assignedTeamField],
        required: [assignedTeamField],
      },
      { issueType: 'Task', fields: [...usual, assignedTeamField], required: [assignedTeamField] },
      subTask,
    ],
  },
  {
    id: '10103',
    key: 'DOC',
    name: 'Documentation',
    description: 'Manuals and release notes.',
    screens: [
      { issueType: 'Story', fields: usual },
      { issueType: 'Task', fields: usual },
    ],
  },
]

/** The bucket of the simulated object store, and what opens it. */
export const demoStore = {
  region: 'il-central-1',
  buckets: ['studio-files'],
  accessKeyId: 'AKIADEMODEMODEMODEMO',
  secretAccessKey: 'demo-secret-of-the-object-store',
}
