import { errorText } from '@studioops/contracts/errors'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { type CallToolResult, McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { AppError } from '../../platform/errors/app-error.ts'
import { shortened } from './result-cap.ts'
import type { Tool, ToolContext } from './tool.ts'
import { ToolRefusal } from './tool-refusal.ts'

/** How a failed call is told: words of the catalogue, and what the other system said itself. */
export type ToolFailure = {
  readonly code: ErrorCode
  readonly facts: Facts
  /** Sentences of the system outside. */
  readonly messages: readonly string[]
  /** Its sentences by field or argument. */
  readonly fields: Readonly<Record<string, string>>
  /** For a program, as `structuredContent.error`; says at least whether something was `sent`. */
  readonly error: Readonly<Record<string, unknown>> & { readonly sent: boolean }
}

/** One system as an MCP server: everything about it that is no wiring. */
export type ToolServer<Client> = {
  /** Such as `studioops-jira`. */
  readonly name: string
  readonly title: string
  /** For the model, once for each conversation. */
  readonly instructions: string
  readonly tools: readonly Tool<Client>[]
  /** What the filter of whoever starts the server names. */
  readonly filters: 'projects' | 'spaces' | 'boards' | 'nothing'
  /** Undefined for what is no failure of this system: a defect of ours. */
  readonly explain: (error: unknown) => ToolFailure | undefined
}

/** What whoever starts the server sets, and no caller can widen. */
export type ToolServerLimits = {
  /** True: tools that write are not there. Default false. */
  readonly readOnly?: boolean | undefined
  /** Names of the toolsets that are there; default: every one. */
  readonly toolsets?: readonly string[] | undefined
  /** Names of the tools that are there; default: every one. */
  readonly enabledTools?: readonly string[] | undefined
  /** Keys of the projects, spaces or boards that may be touched; default: every one. */
  readonly filter?: readonly string[] | undefined
  /** Of the words of errors; both are in `structuredContent.hint`. Default: English. */
  readonly language?: 'en' | 'he' | undefined
}

type Options<Client> = ToolServerLimits & {
  /** Called at the first call of a tool; the list of tools needs no client. */
  readonly open: () => Client | Promise<Client>
  /** Defects of ours; they never reach the caller. */
  readonly onDefect?: (error: unknown, tool: string) => void
}

export const serverVersion = '0.1.0'
const toolListFreshMs = 6 * 3_600_000

/**
 * An MCP server of a list of tools, for one person's credential. Keeps nothing: make one for each
 * request or connection. It speaks both eras of the protocol.
 */
export function createToolServer<Client>(
  declared: ToolServer<Client>,
  options: Options<Client>,
): McpServer {
  const mcp = new McpServer(
    { name: declared.name, title: declared.title, version: serverVersion },
    {
      instructions: declared.instructions,
      cacheHints: { 'tools/list': { ttlMs: toolListFreshMs, cacheScope: 'private' } },
    },
  )
  const tools = new Map(toolsWithin(declared, options).map((tool) => [tool.name, tool]))
  let client: Promise<Client> | undefined
  const open = () => (client ??= Promise.resolve().then(options.open))

  mcp.server.registerCapabilities({ tools: { listChanged: false } })
  mcp.server.setRequestHandler('tools/list', () => ({
    tools: [...tools.values()].map((tool) => tool.listed()),
  }))
  mcp.server.setRequestHandler('tools/call', async ({ params }, context) => {
    const tool = tools.get(params.name)
    try {
      if (tool === undefined) throw noSuchTool(declared, params.name)
      const result = await callTool(tool, { given: params.arguments, options, context, open })
      return succeeded(tool, result)
    } catch (error) {
      const failure = failureOf(declared, error)
      if (failure.code === 'mcp.tool-failed') options.onDefect?.(error, params.name)
      return failed(failure, options.language)
    }
  })
  return mcp
}

/** What is there under these limits, in the order of the declaration. */
export function toolsWithin<Client>(
  { tools }: Pick<ToolServer<Client>, 'tools'>,
  { readOnly = false, toolsets, enabledTools }: ToolServerLimits,
): readonly Tool<Client>[] {
  return tools.filter(
    ({ name, effect, toolset }) =>
      (effect === 'read' || !readOnly) &&
      (toolsets?.includes(toolset) ?? true) &&
      (enabledTools?.includes(name) ?? true),
  )
}

type Call<Client> = {
  readonly given: unknown
  readonly options: Options<Client>
  readonly context: ServerContext
  readonly open: () => Promise<Client>
}

async function callTool<Client>(
  tool: Tool<Client>,
  { given, options, context, open }: Call<Client>,
): Promise<Readonly<Record<string, unknown>>> {
  const call = tool.prepare(given)
  const toolContext = createContext(context, options.filter)
  if (Array.isArray(call.scope)) for (const key of call.scope) toolContext.requireAllowed(key)
  return call.run(await open(), toolContext)
}

function createContext(
  { mcpReq }: ServerContext,
  allowed: readonly string[] | undefined,
): ToolContext {
  const { signal, _meta } = mcpReq
  return {
    signal,
    allowed,
    requireAllowed(key) {
      if (allowed === undefined || allowed.includes(key)) return
      throw new ToolRefusal('mcp.outside-filter', {
        facts: { name: key, list: allowed.join(', ') },
      })
    },
    async progress(done, total, message) {
      const progressToken = _meta?.progressToken
      if (progressToken === undefined) return
      const params = { progressToken, progress: done, total, ...(message && { message }) }
      await mcpReq.notify({ method: 'notifications/progress', params })
    },
  }
}

function noSuchTool<Client>({ tools }: ToolServer<Client>, name: string): ToolRefusal {
  const declared = tools.some((tool) => tool.name === name)
  return new ToolRefusal(declared ? 'mcp.tool-disabled' : 'mcp.no-such-tool', {
    facts: { tool: name },
  })
}

function succeeded<Client>(
  tool: Tool<Client>,
  result: Readonly<Record<string, unknown>>,
): CallToolResult {
  const { text, value } = shortened(result, tool)
  return { content: [{ type: 'text', text }], structuredContent: { ...value } }
}

function failureOf<Client>(server: ToolServer<Client>, thrown: unknown): ToolFailure {
  if (thrown instanceof ToolRefusal) {
    const { code, facts, fields } = thrown
    return { code, facts, fields, messages: [], error: refused(fields, code) }
  }
  if (thrown instanceof AppError) return failureOfApp(thrown)
  const explained = server.explain(thrown)
  if (explained !== undefined) return explained
  // A tool that broke, or a result in another shape than promised, may have sent something before.
  const detail = thrown instanceof z.ZodError ? 'another shape than promised' : 'the tool failed'
  const error = { ...refused({}, detail), kind: 'unexpected-answer', sent: true }
  return { code: 'mcp.tool-failed', facts: {}, messages: [], fields: {}, error }
}

/** A refusal of the product itself, such as a connection that is not set. */
function failureOfApp({ code, facts, fields }: AppError): ToolFailure {
  const wrong = Object.fromEntries(
    fields.map(({ pointer, message_en: message }) => [pointer, message]),
  )
  return { code, facts, fields: wrong, messages: [], error: refused(wrong, code) }
}

function refused(fields: Readonly<Record<string, string>>, detail: string) {
  return { kind: 'rejected', sent: false, host: '', messages: [], fields, detail } as const
}

function failed(failure: ToolFailure, language: 'en' | 'he' = 'en'): CallToolResult {
  const { code, facts, messages, fields, error } = failure
  const hint = { en: errorText(code, 'en', facts), he: errorText(code, 'he', facts) }
  const { message, next } = hint[language]
  const lines = Object.entries(fields).map(([field, text]) => `${field}: ${text}`)
  return {
    isError: true,
    content: [
      { type: 'text', text: [...new Set([message, ...messages, ...lines, ...next])].join('\n') },
    ],
    structuredContent: { error, code, hint },
  }
}
