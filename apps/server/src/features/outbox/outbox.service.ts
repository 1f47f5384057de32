import { randomBytes } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import type { Operation, OperationState } from '@studioops/contracts/operations'
import type { Facts } from '@studioops/contracts/errors'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { Executor } from './outbox.executor.ts'
import * as store from './outbox.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly executors: Readonly<Record<string, Executor>>
}

type Asked = { readonly userId: string; readonly operationId: string }

export type OutboxService = ReturnType<typeof createOutboxService>

/** What a person sees and may do of the writes that wait, are checked, or ended. */
export function createOutboxService({ database, audit, executors }: Dependencies) {
  async function require({ userId, operationId }: Asked) {
    const row = await database.asUser(userId, (db) => store.findOperation(db, operationId))
    if (row === undefined) throw new AppError('operation.not-found')
    return row
  }

  type Move = {
    from: readonly OperationState[]
    change: Parameters<typeof store.changeByHand>[1]['change']
  }

  async function move(asked: Asked, { from, change }: Move) {
    await require(asked)
    const row = await database.asUser(asked.userId, (db) =>
      store.changeByHand(db, { id: asked.operationId, from, change }),
    )
    if (row === undefined) throw new AppError('operation.not-open')
    return row
  }

  return {
    newMarker,
    present: presentOperation,
    /** In the transaction of the approval. @returns false when the story was approved before */
    plan: (db: Db, operation: store.NewOperation) => store.insertOperation(db, operation),
    ofStory: (db: Db, storyId: string) => store.findOperationOfStory(db, storyId),
    countOpen: (userId: string) => database.asUser(userId, store.countOpen),
    list: (userId: string, limit: number) =>
      database.asUser(userId, (db) => store.listOperations(db, limit)),

    /** Tries, or looks, now. @throws AppError `operation.not-found`, `operation.not-open` */
    async check(asked: Asked) {
      const row = await require(asked)
      const looks = ['unknown', 'needs-user'].includes(row.state)
      return move(asked, {
        from: ['planned', 'unknown', 'needs-user'],
        change: { state: looks ? 'unknown' : 'planned', nextInMs: 0 },
      })
    },

    /** @throws AppError `operation.not-found`, `operation.not-open`, `operation.other-issue` */
    async link(asked: Asked, key: string) {
      const row = await require(asked)
      const facts = { key, marker: row.marker }
      const found = await verify(executors[row.kind], { row, key })
      if (found === undefined) throw new AppError('operation.other-issue', { facts })
      return move(asked, {
        from: ['unknown', 'needs-user'],
        change: { state: 'done', ...found, errorCode: null },
      })
    },

    /** @throws AppError `operation.not-found`, `operation.not-open` */
    async createAnyway(asked: Asked) {
      const row = await require(asked)
      const marker = newMarker()
      const repeated = await move(asked, {
        from: ['needs-user'],
        change: {
          state: 'planned',
          marker,
          payload: executors[row.kind]?.withMarker(row, marker) ?? row.payload,
          notSent: true,
          attempts: 0,
          lookups: 0,
          nextInMs: 0,
          errorCode: null,
        },
      })
      await audit.record({
        actorId: asked.userId,
        action: 'operation.repeat',
        target: `operation:${row.id}`,
        outcome: 'done',
        facts: { payload_hash: row.payload_hash },
      })
      return repeated
    },

    /** Only what has not left: a worker that holds it loses it before it can send. */
    cancel: (asked: Asked) => move(asked, { from: ['planned'], change: { state: 'cancelled' } }),
  }
}

async function verify(
  executor: Executor | undefined,
  { row, key }: { row: store.OperationRow; key: string },
) {
  try {
    return await executor?.verify(row, key)
  } catch (error) {
    if (error instanceof OutsideError)
      throw new AppError(error.code, { facts: error.facts, cause: error })
    throw error
  }
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** `so-` and ten characters: what an issue in Jira carries, so that it can be found again. */
function newMarker(): string {
  return `so-${Array.from(randomBytes(10), (byte) => base32[byte % 32]).join('')}`
}

/** A row as the page sees it; what is wrong is told in the language of the reader. */
function presentOperation(row: store.OperationRow, language: Language): Operation {
  const { project, jiraUrl } = row.target as unknown as { project: string; jiraUrl: string }
  const waits = ['planned', 'unknown'].includes(row.state)
  return withoutAbsent({
    id: row.id,
    kind: 'jira.issue.create' as const,
    // The column's check constraint lists exactly these.
    state: row.state as OperationState,
    title: row.title,
    target: `${project} · ${jiraUrl}`,
    marker: row.marker,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    storyId: row.story_id,
    problem: problemOf(row, language),
    nextAttemptAt: waits ? row.next_attempt_at?.toISOString() : undefined,
    key: row.external_key,
    url: row.external_url,
  })
}

function problemOf(row: store.OperationRow, language: Language): Operation['problem'] {
  if (row.error_code === null) return undefined
  const correlationId = currentContext()?.correlationId ?? row.id
  const facts = (row.error_facts ?? {}) as unknown as Facts
  return describeProblem(knownCode(row.error_code), facts, { correlationId, language })
}
