import type { StoryContent } from '@studioops/contracts/story-content'
import { errorText } from '@studioops/contracts/errors'
import {
  askedFields,
  filledFields,
  learnFrom,
  readScreen,
  rulesOf,
  screenAsLearned,
} from '../features/stories/stories.jira-fields.ts'
import {
  type CreateScreen,
  type IssuePayload,
  toPayload,
} from '../features/stories/stories.payload.ts'
import type { FieldMemory } from '../features/stories/stories.store.ts'
import { createJiraClient } from '../integrations/jira/jira-client.ts'
import { type FormField, problemOf } from '../integrations/jira/jira-create-form.ts'
import { JiraError } from '../integrations/jira/jira-error.ts'
import { createJiraMcpServer } from '../integrations/mcp/jira/jira-server.ts'
import { createJiraTools, type JiraTools } from '../integrations/mcp/jira/jira-tool-calls.ts'
import { connectInProcess } from '../integrations/mcp/mcp-in-process.ts'
import { createOutbound } from '../platform/outbound/outbound.ts'
import { Secret } from '../platform/secret/secret.ts'
import {
  personNamed,
  serveJira,
  type ServedJira,
} from '../simulators/jira/served-jira.test-data.ts'
import {
  metadataShape,
  type MetadataShape,
  shapeProject,
} from '../simulators/jira/metadata-shapes.ts'

export type ShapeOutcome = {
  readonly shape: string
  /** Created by the first request that left. */
  readonly first: boolean
  /** Created by the second, after the refusal had taught what was missing. */
  readonly afterLearning: boolean
  /** Told of a refused first try, in both languages; what is missing of it. */
  readonly told?: { readonly en: string; readonly he: string }
  readonly gaps: readonly string[]
}

const content: StoryContent = {
  summary: 'תשלום בכרטיס שמור (pay with a saved card)',
  narrative: { asA: 'customer', iWant: 'to pay', soThat: 'I am done' },
  acceptanceCriteria: ['The card is charged once'],
  scenarios: [],
  stlcNotes: {
    scope: 'Scope',
    data: 'Data',
    environments: 'Env',
    cases: 'Cases',
    entryCriteria: 'Entry',
    exitCriteria: 'Exit',
  },
  storyPoints: 2,
}

const typed: Partial<Record<FormField['kind'], string>> = {
  text: 'מרכז 7 & more',
  'long-text': '**Because** it pays\n\n- one\n- two',
  number: '2.5',
  date: '2026-12-01',
  datetime: '2026-12-01T10:30',
  url: 'https://example.com/design?a=1&b=2',
  labels: 'alpha',
}

/** What a person does with a field: takes what is offered, else types what they know. */
function fillIn(field: FormField, { knows }: MetadataShape, parentKey: string): string[] {
  const { options, kind, id } = field
  if (options !== undefined) {
    const chosen = options.at(-1)
    const following = chosen?.children?.at(-1)
    return [chosen?.id ?? '', ...(following === undefined ? [] : [following.id])]
  }
  if (kind === 'issue') return [parentKey]
  return [knows[id] ?? typed[kind] ?? '']
}

type World = { readonly jira: ServedJira; readonly tools: JiraTools }

async function inWorld<T>(shape: MetadataShape, work: (world: World) => Promise<T>): Promise<T> {
  await using jira = await serveJira(shape.flavour, { ...shape.options, searchDelayMs: 0 })
  await using outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [new URL(jira.url).origin] },
  })
  const { personalAccessToken, emailAddress, apiToken } = personNamed('noa.levi')
  const credential =
    shape.flavour === 'dc'
      ? ({ kind: 'pat', token: new Secret(personalAccessToken) } as const)
      : ({ kind: 'basic', email: emailAddress, token: new Secret(apiToken) } as const)
  const { flavour } = shape
  const client = createJiraClient({ outbound, baseUrl: jira.url, flavour, credential })
  const connection = await connectInProcess(createJiraMcpServer(client))
  try {
    return await work({ jira, tools: createJiraTools(connection) })
  } finally {
    await connection.close()
  }
}

const place = ({ issueType }: MetadataShape) => ({ projectKey: shapeProject, issueType })

type Try = {
  readonly screen: CreateScreen | undefined
  readonly memory: readonly FieldMemory[]
  readonly parentKey: string
}

/** What the product sends for the story, with what a person fills in; undefined where it would not send. */
function build(shape: MetadataShape, { screen: told, memory, parentKey }: Try) {
  const screen = told && screenAsLearned(told, memory)
  const open = askedFields(screen?.required ?? [], memory, {})
  const values = Object.fromEntries(
    open.map(({ field }) => [field.id, fillIn(field, shape, parentKey)]),
  )
  const asked = askedFields(screen?.required ?? [], memory, values)
  const stuck = asked.filter(({ field, values: given }) => problemOf(field, given) !== undefined)
  const { payload } = toPayload({
    content,
    language: 'he',
    ...place(shape),
    marker,
    screen,
    filled: filledFields(asked, shape.flavour),
  })
  return { payload, stuck: stuck.map(({ field }) => `${field.name} cannot be filled in`) }
}

const marker = 'so-shapeshape'

async function send(tools: JiraTools, payload: IssuePayload): Promise<JiraError | undefined> {
  const { description, ...issue } = payload
  try {
    await tools.createIssue({ ...issue, ...(description === '' ? {} : { description }), marker })
    return undefined
  } catch (error) {
    if (error instanceof JiraError) return error
    throw error
  }
}

async function screenOf(tools: JiraTools, shape: MetadataShape): Promise<CreateScreen | undefined> {
  try {
    return await readScreen(tools, place(shape))
  } catch (error) {
    if (error instanceof JiraError) return undefined
    throw error
  }
}

/** Somebody has made an issue before: in the simulator itself, where everything is known. */
async function seed(shape: MetadataShape, { jira }: World): Promise<string> {
  const [project] = shape.options.projects
  const parent = await jira.create({
    project: { key: shapeProject },
    issuetype: { name: 'Task' },
    summary: 'parent',
  })
  if (shape.hasIssues && project !== undefined) await seedFilled(shape, jira)
  return String(parent.json?.key ?? '')
}

/** The same shape without its silence tells what to fill in. */
async function seedFilled(shape: MetadataShape, jira: ServedJira): Promise<void> {
  const open = { ...shape, options: { ...shape.options, createMetadata: 'both' as const } }
  const fields = await inWorld(open, async ({ tools }) => {
    const screen = await screenOf(tools, open)
    const { payload } = build(open, { screen, memory: [], parentKey: '' })
    const { labels: _labels, ...rest } = payload.additionalFields
    return rest
  })
  await jira.create({
    project: { key: shapeProject },
    issuetype: { name: shape.issueType },
    summary: 'before',
    ...fields,
  })
}

/** What the words about a refusal lack: the field, the reason, what it may hold; in one language. */
function gapsIn(text: string, refused: Awaited<ReturnType<typeof learnFrom>>['refused']): string[] {
  return refused.flatMap(({ field }) => [
    ...(text.includes(field.name) ? [] : [`${field.name} is not named`]),
    ...(field.options === undefined || field.options.some(({ label }) => text.includes(label))
      ? []
      : [`what ${field.name} may hold is not named`]),
  ])
}

async function runShape(shape: MetadataShape): Promise<ShapeOutcome> {
  return inWorld(shape, async (world) => {
    const { tools } = world
    const parentKey = await seed(shape, world)
    const screen = await screenOf(tools, shape)
    const begun = build(shape, { screen, memory: [], parentKey })
    const refusal = await send(tools, begun.payload)
    const outcome = { shape: shape.name, gaps: begun.stuck }
    if (refusal === undefined) return { ...outcome, first: true, afterLearning: false }
    const { refused, told } = await learnFrom(tools, {
      failure: refusal.failure,
      payload: begun.payload,
      screen,
    })
    const memory = rulesOf(refused).map(({ field, rule }) => ({
      field_id: field.id,
      rule,
      field: JSON.parse(JSON.stringify(field)) as FieldMemory['field'],
      chosen: null,
    }))
    const again = build(shape, { screen, memory, parentKey })
    const second = memory.length === 0 ? refusal : await send(tools, again.payload)
    const words = {
      en: told === undefined ? '' : errorText(told.code, 'en', told.facts).message,
      he: told === undefined ? '' : errorText(told.code, 'he', told.facts).message,
    }
    const gaps = [...begun.stuck, ...gapsIn(words.en, refused), ...gapsIn(words.he, refused)]
    return {
      ...outcome,
      first: false,
      afterLearning: second === undefined,
      told: words,
      gaps: told === undefined ? [...gaps, `nothing was told: ${refusal.message}`] : gaps,
    }
  })
}

export type MetadataReport = {
  readonly outcomes: readonly ShapeOutcome[]
  readonly firstShare: number
  readonly learned: number
  readonly gaps: readonly string[]
}

/**
 * Creates a story in generated Jiras, with what the product reads, asks and learns.
 *
 * @param shapes their numbers
 */
export async function metadataCampaign(shapes: readonly number[]): Promise<MetadataReport> {
  const outcomes: ShapeOutcome[] = []
  for (const index of shapes) outcomes.push(await runShape(metadataShape(index)))
  return {
    outcomes,
    firstShare: outcomes.filter(({ first }) => first).length / outcomes.length,
    learned: outcomes.filter(({ afterLearning }) => afterLearning).length,
    gaps: outcomes.flatMap(({ shape, gaps }) => gaps.map((gap) => `${shape}: ${gap}`)),
  }
}
