import { randomUUID } from 'node:crypto'
import type { ChatSource } from '@studioops/contracts/chats'
import { limits } from '@studioops/contracts/limits'
import type { RunEvent } from '@studioops/contracts/runs'
import type { ToolCall } from '../../integrations/llm/tool-calls.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { RunContext } from '../runs/index.ts'
import type { ToolService } from '../tools/index.ts'
import type { Sources } from './chats.context.ts'
import * as store from './chats.store.ts'
import type { ChatTool, Gate } from './chats.tools.ts'

type Dependencies = {
  readonly database: Database
  readonly tools: Pick<ToolService, 'call'>
}

type Turn = {
  readonly run: RunContext
  readonly messageId: string
  readonly gate: Gate
  readonly sources: Sources
}

type ToolState = Extract<RunEvent, { type: 'tool' }>['state']
type Args = Readonly<Record<string, unknown>>

const resultMax = 20_000
const writesMax = 10

const kinds: Readonly<Record<string, ChatSource['kind']>> = {
  jira: 'issue',
  confluence: 'page',
  trello: 'card',
}

/** Carries out what an answer may read, and keeps what it proposes to write until a person decides. */
export function createCalls({ database, tools }: Dependencies, turn: Turn) {
  const { run, messageId, gate, sources } = turn
  let position = 0
  let reads = 0
  let writes = 0

  function tell(call: Pick<store.NewCall, 'id' | 'serverName' | 'tool' | 'title'>) {
    return (state: ToolState, ms?: number) =>
      run.emit({
        type: 'tool',
        callId: call.id,
        server: call.serverName,
        tool: call.tool,
        title: call.title,
        state,
        ...(ms === undefined ? {} : { ms }),
      })
  }

  async function note(tool: ChatTool, args: Args, state: store.NewCall['state']) {
    const { server, serverName, title, effect } = tool
    const call: store.NewCall = {
      id: randomUUID(),
      messageId,
      userId: run.userId,
      position,
      server,
      serverName,
      tool: tool.tool,
      title,
      effect,
      arguments: args,
      state,
    }
    position += 1
    await database.asUser(run.userId, (db) => store.insertCall(db, call))
    tell(call)(state)
    return call
  }

  async function ask(
    tool: ChatTool,
    args: Args,
  ): Promise<{ text: string; isError: boolean; code?: string; url?: string }> {
    try {
      const answer = await tools.call({
        userId: run.userId,
        server: tool.server,
        tool: tool.tool,
        arguments: args,
        isApproved: false,
        signal: run.signal,
      })
      const url = addressIn(answer.structured)
      return { text: answer.text, isError: answer.isError, ...(url === undefined ? {} : { url }) }
    } catch (error) {
      if (run.signal.aborted || !(error instanceof AppError)) throw error
      return { text: '', isError: true, code: error.code }
    }
  }

  /** @returns what the model is told of it */
  async function read(tool: ChatTool, args: Args, kind: 'items' | 'tools'): Promise<string> {
    if (reads >= limits.chatReadsMax) return 'Nothing more is read for this answer.'
    reads += 1
    const call = await note(tool, args, 'running')
    const began = performance.now()
    const answer = await ask(tool, args)
    const state = answer.isError ? 'failed' : 'done'
    await database.asUser(run.userId, (db) =>
      store.changeCall(db, call.id, {
        from: 'running',
        state,
        result: answer.text.slice(0, resultMax).toWellFormed(),
        errorCode: answer.code,
      }),
    )
    tell(call)(state, Math.round(performance.now() - began))
    if (answer.code !== undefined) return `The tool failed: ${answer.code}`
    const about = Object.values(args).find((value) => typeof value === 'string')
    const title = about === undefined ? tool.title : `${tool.title}: ${about}`
    const source = { kind: kinds[tool.server] ?? 'tool', title, url: answer.url }
    return sources.addResult(source, answer.text, kind) ?? 'There is no room for what it answered.'
  }

  async function judge(asked: ToolCall): Promise<string> {
    const verdict = gate.judge(asked)
    if (verdict.kind === 'unreadable') return 'The arguments are not a JSON object.'
    if (verdict.kind === 'blocked') {
      if (verdict.tool !== undefined) await note(verdict.tool, verdict.args, 'blocked')
      return 'This tool may not be used for this question. Go on without it.'
    }
    if (verdict.kind === 'read') return read(verdict.tool, verdict.args, 'tools')
    if (writes >= writesMax) return 'Nothing more can be proposed in this answer.'
    writes += 1
    await note(verdict.tool, verdict.args, 'waiting')
    return 'Proposed. A person sees it and decides; it has not been done.'
  }

  return {
    read,
    judge,
    hasProposed: () => writes > 0,
  }
}
export type Calls = ReturnType<typeof createCalls>

/** Our own tools say where a thing is; an address of anybody else is no link of ours. */
function addressIn(structured: unknown): string | undefined {
  if (typeof structured !== 'object' || structured === null) return undefined
  const { url } = structured as Record<string, unknown>
  return typeof url === 'string' && /^https?:\/\//.test(url)
    ? url.slice(0, limits.urlLengthMax)
    : undefined
}
