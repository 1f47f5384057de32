import type { ToolCall, ToolOffer } from '../../integrations/llm/tool-calls.ts'
import type { ToolService } from '../tools/index.ts'

export type KnownServer = Awaited<ReturnType<ToolService['known']>>[number]
type Definition = KnownServer['tools'][number]['definition']

/** A tool that an answer could use, as the model is offered it. */
export type ChatTool = {
  /** Unique among all tools of the person, and what every provider takes as a name. */
  readonly name: string
  readonly server: string
  readonly serverName: string
  /** As its server calls it. */
  readonly tool: string
  readonly title: string
  /**
   * `read` is believed of our own servers only: what a server of somebody else says of itself is a
   * claim, so whatever is asked of it stops for approval.
   */
  readonly effect: 'read' | 'write'
  readonly isForeign: boolean
  readonly requiredArguments: readonly string[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly description: string
}

const nameMax = 64
const identifier = /^[A-Za-z_][\w.-]{0,63}$/

/** All tools of a person that are on. */
export function chatToolsOf(servers: readonly KnownServer[]): ChatTool[] {
  const tools = servers.flatMap((server, index) =>
    server.tools
      .filter(({ state }) => state === 'on')
      .map(({ definition }) => toChatTool(server, definition, `x${index}_`)),
  )
  const byName = new Map<string, ChatTool>()
  for (const tool of tools) if (!byName.has(tool.name)) byName.set(tool.name, tool)
  return [...byName.values()]
}

function toChatTool(server: KnownServer, definition: Definition, prefix: string): ChatTool {
  const isForeign = server.row !== undefined
  const { name, annotations, inputSchema } = definition
  const plain = name.replaceAll(/[^\w-]/g, '_')
  const required = Array.isArray(inputSchema['required']) ? inputSchema['required'] : []
  return {
    name: (isForeign ? prefix + plain : plain).slice(0, nameMax),
    server: server.id,
    serverName: server.name,
    tool: name,
    title: isForeign ? name : (definition.title ?? name),
    effect: !isForeign && annotations?.readOnlyHint === true ? 'read' : 'write',
    isForeign,
    requiredArguments: required.filter(
      (one): one is string => typeof one === 'string' && identifier.test(one),
    ),
    parameters: isForeign ? bareSchema(inputSchema) : inputSchema,
    // No word with which a server of somebody else describes itself gets into a prompt (CON-9).
    description: isForeign ? '' : definition.description,
  }
}

const depthMax = 6

/** A schema with its structure only: titles, descriptions, defaults and examples are text of a stranger. */
export function bareSchema(schema: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (typeof schema !== 'object' || schema === null || depth > depthMax) return {}
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      const keep = bareMembers[key]
      return keep === undefined ? [] : [[key, keep(value, depth + 1)]]
    }),
  )
}

const isName = (value: unknown) => typeof value === 'string' && identifier.test(value)

/** The members of a schema that are structure, each without what could be read as a sentence. */
const bareMembers: Readonly<Record<string, (value: unknown, depth: number) => unknown>> = {
  type: (value) => (isName(value) ? value : 'string'),
  properties: (value, depth) =>
    Object.fromEntries(
      Object.entries(typeof value === 'object' ? (value ?? {}) : {})
        .filter(([name]) => isName(name))
        .map(([name, property]) => [name, bareSchema(property, depth)]),
    ),
  required: (value) => (Array.isArray(value) ? value.filter(isName) : []),
  items: bareSchema,
  enum: (value) =>
    Array.isArray(value) ? value.filter((one) => typeof one !== 'string' || isName(one)) : [],
}

export const toOffer = ({ name, description, parameters }: ChatTool): ToolOffer => ({
  name,
  description,
  parameters,
})

/** What becomes of a call that a model asks for. */
export type Verdict =
  | {
      readonly kind: 'read' | 'propose'
      readonly tool: ChatTool
      readonly args: Readonly<Record<string, unknown>>
    }
  /** Not planned before the text of others was read: it is not carried out, and not proposed. */
  | {
      readonly kind: 'blocked'
      readonly tool: ChatTool | undefined
      readonly args: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'unreadable'; readonly tool: ChatTool | undefined }

/**
 * Decides what may happen with the calls of one answer. What may be called at all is fixed when it is
 * made, which is before any text of others was read (SEC-14): nothing that is read can add to it.
 */
export function createGate(tools: readonly ChatTool[], planned: readonly string[]) {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const allowed = new Set(planned.filter((name) => byName.has(name)))
  return {
    allowed: () => tools.filter(({ name }) => allowed.has(name)),
    judge(call: ToolCall): Verdict {
      const tool = byName.get(call.name)
      const args = readArguments(call.arguments)
      if (args === undefined) return { kind: 'unreadable', tool }
      if (tool === undefined || !allowed.has(tool.name)) return { kind: 'blocked', tool, args }
      return { kind: tool.effect === 'read' ? 'read' : 'propose', tool, args }
    },
  }
}
export type Gate = ReturnType<typeof createGate>

function readArguments(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}
