import { limits } from '@studioops/contracts/limits'
import type { ToolDefinition } from './tools.pins.ts'

/** What a model may want to do; the patterns are those of `external-apis.md` 12.4. */
const capabilities = [
  'canCreateIssue',
  'canReadIssue',
  'canSearch',
  'canUpdateIssue',
  'canComment',
  'canTransition',
  'canLink',
  'canReadPage',
  'canWritePage',
  'canSearchPages',
  'canCreateCard',
  'canReadCard',
  'canMoveCard',
  'canListBoards',
] as const
type Capability = (typeof capabilities)[number]

const exact: Readonly<Record<string, Capability>> = {
  jira_create_issue: 'canCreateIssue',
  jira_get_issue: 'canReadIssue',
  jira_search: 'canSearch',
  jira_update_issue: 'canUpdateIssue',
  jira_add_comment: 'canComment',
  jira_transition_issue: 'canTransition',
  jira_create_issue_link: 'canLink',
  confluence_get_page: 'canReadPage',
  confluence_create_page: 'canWritePage',
  confluence_search: 'canSearchPages',
  add_card_to_list: 'canCreateCard',
  get_card: 'canReadCard',
  move_card: 'canMoveCard',
  list_boards: 'canListBoards',
}

const patterns: readonly (readonly [RegExp, Capability])[] = [
  [/(create|add|new)_?(jira_?)?issue$/, 'canCreateIssue'],
  [/(get|read|fetch|view)_?(jira_?)?issue$/, 'canReadIssue'],
  [/(search|find|list|query)_?(jira_?)?issues?$|jql/, 'canSearch'],
  [/(update|edit|change)_?(jira_?)?issue$/, 'canUpdateIssue'],
  [/(add|create|post)_?comment$/, 'canComment'],
  [/transition_?(jira_?)?issue$/, 'canTransition'],
  [/(create|add)_?(issue_?)?link$/, 'canLink'],
  [/(get|read|fetch)_?(confluence_?)?page$/, 'canReadPage'],
  [/(create|update|write)_?(confluence_?)?page$/, 'canWritePage'],
  [/(search|find)_?(confluence_?)?(pages?|content)$/, 'canSearchPages'],
  [/(create|add)_?card$/, 'canCreateCard'],
  [/(get|read)_?card$/, 'canReadCard'],
  [/move_?card$/, 'canMoveCard'],
  [/(list|get)_?boards$/, 'canListBoards'],
]

const shapes: readonly (readonly [readonly string[], Capability])[] = [
  [['project_key', 'summary', 'issue_type'], 'canCreateIssue'],
  [['projectKey', 'summary', 'issueType'], 'canCreateIssue'],
  [['jql'], 'canSearch'],
  [['space_key', 'title', 'content'], 'canWritePage'],
  [['listId', 'name'], 'canCreateCard'],
]

export type HintedServer = {
  readonly name: string
  readonly tools: readonly Pick<ToolDefinition, 'name' | 'inputSchema'>[]
}

/** What can be done with which tool, and what it needs. */
export type Hint = {
  readonly capability: Capability
  readonly server: string
  readonly tool: string
  readonly requiredArguments: readonly string[]
}

const identifier = /^[A-Za-z][\w.-]{0,63}$/
const argumentsMax = 12

/**
 * Capabilities of all servers, the first of each kind a server has. They hold names of tools and
 * arguments only, and only such as are names: nothing that a server describes itself with gets into
 * a prompt.
 */
export function hintsOf(servers: readonly HintedServer[]): Hint[] {
  return servers.flatMap(({ name, tools }) => {
    const found = new Map<Capability, Hint>()
    for (const tool of tools) {
      const capability = capabilityOf(tool)
      if (capability === undefined || found.has(capability)) continue
      const requiredArguments = requiredOf(tool)
      found.set(capability, { capability, server: name, tool: tool.name, requiredArguments })
    }
    return capabilities.flatMap((capability) => found.get(capability) ?? [])
  })
}

function capabilityOf(tool: HintedServer['tools'][number]): Capability | undefined {
  if (!identifier.test(tool.name)) return undefined
  const known = exact[tool.name]
  if (known !== undefined) return known
  const plain = tool.name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
  const [, byName] = patterns.find(([pattern]) => pattern.test(plain)) ?? []
  if (byName !== undefined) return byName
  const required = new Set(requiredOf(tool))
  const [, byShape] = shapes.find(([names]) => names.every((one) => required.has(one))) ?? []
  return byShape
}

export function requiredOf({ inputSchema }: Pick<ToolDefinition, 'inputSchema'>): string[] {
  const { required } = inputSchema
  if (!Array.isArray(required)) return []
  const names = required.filter((one): one is string => typeof one === 'string')
  return names.filter((one) => identifier.test(one)).slice(0, argumentsMax)
}

/** Of such lines a token holds at least this many characters, with every tokenizer we know. */
const charactersPerToken = 2

/** Hints as a model is told them: a line each, and no more lines than fit. */
export function hintText(hints: readonly Hint[]): string {
  const most = limits.toolHintTokensMax * charactersPerToken
  const lines: string[] = []
  let length = 0
  for (const { capability, server, tool, requiredArguments } of fairly(hints)) {
    const line = `${capability}: ${tool}(${requiredArguments.join(', ')}) @${slug(server)}`
    if (length + line.length + 1 > most) break
    lines.push(line)
    length += line.length + 1
  }
  return lines.join('\n')
}

/** One of each server in turn, so that one with much does not crowd out the others. */
function fairly(hints: readonly Hint[]): Hint[] {
  const places = new Map<string, number>()
  return hints
    .map((hint) => {
      const place = places.get(hint.server) ?? 0
      places.set(hint.server, place + 1)
      return { hint, place }
    })
    .toSorted((a, b) => a.place - b.place)
    .map(({ hint }) => hint)
}

/** A person named the server, and a name is no sentence here. */
function slug(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24)
}
