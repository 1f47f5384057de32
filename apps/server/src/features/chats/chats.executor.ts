import type { ErrorCode } from '@studioops/contracts/errors'
import type { OperationSystem } from '@studioops/contracts/operations'
import { z } from 'zod'
import type { ToolAnswer } from '../../integrations/mcp/client/tool-answer.ts'
import { ToolServerError } from '../../integrations/mcp/client/tool-server-error.ts'
import { requireSamePlace } from '../../platform/approval/same-place.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { knownCode } from '../../platform/errors/problem.ts'
import type { Executor, Executors, Found, OperationRow } from '../outbox/index.ts'
import type { ToolService } from '../tools/index.ts'
import { callKinds } from './chats.approval.ts'
import * as store from './chats.store.ts'

type Dependencies = {
  readonly database: Database
  readonly tools: Pick<ToolService, 'call'>
  readonly placeOf: (userId: string, server: string) => Promise<string | undefined>
}

const target = z.object({
  callId: z.string(),
  server: z.string(),
  serverName: z.string(),
  tool: z.string(),
  place: z.string(),
})
const payload = z.object({ arguments: z.record(z.string(), z.unknown()) })
/** How our own servers tell of a failure. */
const failure = z.object({
  code: z.string(),
  error: z.object({ sent: z.boolean(), kind: z.string() }),
})
const made = z.object({
  key: z.coerce.string().optional(),
  id: z.coerce.string().optional(),
  url: z.string().optional(),
})

const unclear: Readonly<Record<OperationSystem, ErrorCode>> = {
  jira: 'jira.unclear',
  confluence: 'confluence.unclear',
  trello: 'trello.unclear',
  tools: 'tools.outcome-unknown',
}

/**
 * Carries out what a person approved in a chat. A call of any tool has no mark by which it could be
 * found again, so where its outcome is not known a person is asked, and it is never sent again by
 * itself (D-12).
 */
export function createCallExecutors(dependencies: Dependencies): Executors {
  const { database, tools, placeOf } = dependencies

  async function send(row: OperationRow, signal: AbortSignal): Promise<Found> {
    const { callId, server, tool, place } = target.parse(row.target)
    const { arguments: args } = payload.parse(row.payload)
    const { user_id: userId } = row
    const present = await placeOf(userId, server).catch((error: unknown) => {
      throw notDone(error)
    })
    requireSamePlace(place, present ?? '')
    const answer = await tools
      .call({ userId, server, tool, arguments: args, isApproved: true, signal })
      .catch((error: unknown) => {
        throw certaintyOf(error)
      })
    if (answer.isError) throw await refused(userId, callId, answer)
    await end(userId, callId, { state: 'done', result: answer.text })
    const { key, id, url = '' } = made.safeParse(answer.structured).data ?? {}
    return { key: key ?? id ?? tool, url }
  }

  function end(userId: string, callId: string, change: Omit<store.CallChange, 'from'>) {
    return database.asUser(userId, (db) =>
      store.changeCall(db, callId, { ...change, from: 'approved' }),
    )
  }

  async function refused(userId: string, callId: string, answer: ToolAnswer) {
    const told = failure.safeParse(answer.structured)
    const isUnclear = told.success && told.data.error.sent && told.data.error.kind !== 'rejected'
    if (isUnclear) return new OutsideError('ambiguous', { code: knownCode(told.data.code) })
    await end(userId, callId, { state: 'failed', result: answer.text })
    const code = told.success ? knownCode(told.data.code) : 'tools.server-refused'
    return new OutsideError('refused', { code, facts: { detail: answer.text.slice(0, 300) } })
  }

  const executorOf = (system: OperationSystem): Executor => ({
    system,
    thing: 'change',
    unclear: unclear[system],
    absenceProves: false,
    present(row) {
      const { serverName, tool, place } = target.parse(row.target)
      return { target: `${serverName} · ${tool} · ${URL.parse(place)?.host ?? place}` }
    },
    readKey: (typed) => typed.trim().slice(0, 200) || undefined,
    keyExample: 'PAY-123',
    highWater: () => Promise.resolve(undefined),
    find: () => Promise.resolve(undefined),
    send: (row, { signal }) => send(row, signal),
    // Nothing of it can be compared: the person has looked, and says so.
    async verify(row, key) {
      const { callId } = target.parse(row.target)
      await end(row.user_id, callId, { state: 'done' })
      return { key, url: URL.canParse(key) ? key : '' }
    },
    withMarker: (row) => row.payload,
  })

  return {
    [callKinds.jira]: executorOf('jira'),
    [callKinds.confluence]: executorOf('confluence'),
    [callKinds.trello]: executorOf('trello'),
    [callKinds.tools]: executorOf('tools'),
  }
}

/** A place that cannot be asked for: nothing has left. */
function notDone(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  return new OutsideError('not-done', { code: error.code, facts: error.facts, cause: error })
}

function certaintyOf(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  const { code, facts, cause } = error
  const details = { code, facts, cause: error }
  if (code === 'tools.outcome-unknown') return new OutsideError('ambiguous', details)
  if (!(cause instanceof ToolServerError)) return new OutsideError('refused', details)
  return new OutsideError(cause.sent ? 'ambiguous' : 'not-done', details)
}
