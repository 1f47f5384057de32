import { randomBytes } from 'node:crypto'
import type { Language } from '@studioops/contracts/installation'
import type { Operation, OperationState } from '@studioops/contracts/operations'
import type { Facts } from '@studioops/contracts/errors'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { OutsideError } from '../../platform/errors/outside-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { Executor, Executors } from './outbox.executor.ts'
import * as store from './outbox.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly executors: Executors
}

type Asked = { readonly userId: string; readonly operationId: string }

type Move = {
  readonly from: readonly OperationState[]
  readonly change: Parameters<typeof store.changeByHand>[1]['change']
}

/** Steps in their order; a higher number waits for all lower ones to be done. */
export type NewGroup = Pick<store.NewOperation, 'id' | 'userId' | 'cause' | 'storyId' | 'title'> & {
  readonly steps: readonly (store.NewOperation & { readonly step: number })[]
}

/** A step that goes on with something else than was approved at first. */
export type AmendedStep = Pick<
  store.NewOperation,
  'id' | 'kind' | 'target' | 'payload' | 'payloadHash'
>

/** The first of them is given its time when it moves: its earlier steps may not be done. */
const goOn = {
  state: 'planned',
  noTime: true,
  notSent: true,
  attempts: 0,
  lookups: 0,
  errorCode: null,
} as const

/** An operation with its steps, and with how many go before each that waits. */
export type WholeOperation = {
  readonly row: store.OperationRow
  readonly steps: readonly store.OperationRow[] | undefined
  readonly ahead: ReadonlyMap<string, number>
}

export type OutboxService = ReturnType<typeof createOutboxService>

/** What a person sees and may do of the writes that wait, are checked, or ended. */
export function createOutboxService({ database, audit, executors }: Dependencies) {
  async function require({ userId, operationId }: Asked) {
    const row = await database.asUser(userId, (db) => store.findOperation(db, operationId))
    if (row === undefined) throw new AppError('operation.not-found')
    return row
  }

  /** With everything that the page needs beside the row. */
  async function whole(db: Db, rows: readonly store.OperationRow[]): Promise<WholeOperation[]> {
    const parents = rows.filter(({ system }) => system === null).map(({ id }) => id)
    const steps = Map.groupBy(await store.listSteps(db, parents), (step) => step.parent_id)
    const waits = rows.some(({ state }) => state === 'planned')
    const ahead = waits ? await store.countAhead(db) : new Map<string, number>()
    return rows.map((row) => ({ row, ahead, steps: steps.get(row.id) }))
  }

  function place(operation: store.NewOperation) {
    const executor = requireExecutor(executors, operation.kind)
    if (approvalHash(operation) !== operation.payloadHash)
      throw new AppError('operation.payload-changed')
    return { ...operation, system: executor.system }
  }

  async function showOne(asked: Asked): Promise<WholeOperation> {
    const row = await require(asked)
    const [shown] = await database.asUser(asked.userId, (db) => whole(db, [row]))
    if (shown === undefined) throw new AppError('operation.not-found')
    return shown
  }

  /** The operation, or all its steps: what a person decides of a group holds for each. */
  async function each(
    asked: Asked,
    decide: (row: store.OperationRow) => Move | undefined,
  ): Promise<WholeOperation> {
    const row = await require(asked)
    const rows =
      row.system === null
        ? await database.asUser(asked.userId, (db) => store.listSteps(db, [row.id]))
        : [row]
    const moves = rows.flatMap(({ id }, index) => {
      const move = decide(rows[index] ?? row)
      return move === undefined ? [] : [{ id, ...move }]
    })
    const moved = await database.asUser(asked.userId, async (db) => {
      let count = 0
      for (const one of moves) if ((await store.changeByHand(db, one)) !== undefined) count += 1
      return count
    })
    if (moved === 0) throw new AppError('operation.not-open')
    return showOne(asked)
  }

  return {
    newMarker,
    present: (shown: WholeOperation, language: Language) =>
      presentOperation(shown, { executors, language }),
    /**
     * In the transaction of the approval.
     *
     * @returns false when its cause was approved before
     * @throws AppError `operation.payload-changed` where the hash is not that of what would be sent
     */
    async plan(db: Db, operation: store.NewOperation): Promise<boolean> {
      const placed = place(operation)
      const isNew = await store.insertOperation(db, placed)
      if (isNew) await store.pullForward(db, placed.system)
      return isNew
    },
    /**
     * Several writes that belong together, in one transaction: the parent is done when all are. Steps
     * of the same number do not wait for each other.
     *
     * @returns false when its cause was approved before
     * @throws AppError `operation.payload-changed`
     */
    async planGroup(db: Db, group: NewGroup): Promise<boolean> {
      const { steps, ...parent } = group
      const placed = steps.map(({ step, ...operation }) => ({ step, ...place(operation) }))
      const first = Math.min(...steps.map(({ step }) => step))
      const payload = placed.map(({ payloadHash }) => payloadHash)
      const approved = { kind: 'group', target: {}, payload }
      const isNew = await store.insertOperation(db, {
        ...parent,
        ...approved,
        payloadHash: approvalHash(approved),
        marker: newMarker(),
        system: undefined,
      })
      if (!isNew) return false
      for (const step of placed)
        await store.insertOperation(db, { ...step, parentId: parent.id, waits: step.step > first })
      return true
    },
    /** The newest operation of a cause, such as `story:<id>`. */
    async ofCause(db: Db, cause: string): Promise<WholeOperation | undefined> {
      const row = await store.findOperationOf(db, cause)
      return row === undefined ? undefined : (await whole(db, [row]))[0]
    },
    countOpen: (userId: string) => database.asUser(userId, store.countOpen),
    list: (userId: string, limit: number) =>
      database.asUser(userId, async (db) => whole(db, await store.listOperations(db, limit))),

    /** Tries, or looks, now. @throws AppError `operation.not-found`, `operation.not-open` */
    check: (asked: Asked) =>
      each(asked, ({ state, next_attempt_at: due }) => {
        if (state === 'planned' && due === null) return undefined
        const looks = state === 'unknown' || state === 'needs-user'
        const to = looks ? ('unknown' as const) : ('planned' as const)
        const from = ['planned', 'unknown', 'needs-user'] as const
        return { from, change: { state: to, nextInMs: 0 } }
      }),

    /** Goes on after steps that were refused or cancelled. @throws AppError `operation.not-found`, `operation.not-open` */
    async continue(asked: Asked) {
      const { system } = await require(asked)
      if (system !== null) throw new AppError('operation.not-open')
      return each(asked, () => ({ from: ['refused', 'cancelled'], change: goOn }))
    },

    /**
     * Steps of a group that were refused or cancelled, with what a person has approved for them
     * instead, in the transaction of that approval. What is done stays done.
     *
     * @returns how many go on
     * @throws AppError `operation.payload-changed` where a hash is not that of what would be sent
     */
    async amend(db: Db, steps: readonly AmendedStep[]): Promise<number> {
      let count = 0
      for (const { id, kind, target, payload, payloadHash } of steps) {
        if (approvalHash({ kind, target, payload }) !== payloadHash)
          throw new AppError('operation.payload-changed')
        const change = { ...goOn, payload, payloadHash }
        const moved = await store.changeByHand(db, { id, from: ['refused', 'cancelled'], change })
        if (moved !== undefined) count += 1
      }
      return count
    },

    /** @throws AppError `operation.not-found`, `operation.not-open`, `operation.bad-key`, `operation.other-issue` */
    async link(asked: Asked, typed: string) {
      const row = await require(asked)
      if (row.system === null) throw new AppError('operation.not-open')
      const executor = requireExecutor(executors, row.kind)
      const key = executor.readKey(typed)
      if (key === undefined)
        throw new AppError('operation.bad-key', { facts: { example: executor.keyExample } })
      const facts = { key, marker: row.marker }
      const found = await verify(executor, { row, key })
      if (found === undefined) throw new AppError('operation.other-issue', { facts })
      return each(asked, () => ({
        from: ['unknown', 'needs-user'],
        change: { state: 'done', ...found, errorCode: null },
      }))
    },

    /** @throws AppError `operation.not-found`, `operation.not-open` */
    async createAnyway(asked: Asked) {
      const row = await require(asked)
      if (row.system === null) throw new AppError('operation.not-open')
      const marker = newMarker()
      const { kind, target } = row
      const payload = requireExecutor(executors, kind).withMarker(row, marker)
      const payloadHash = approvalHash({ kind, target, payload })
      const repeated = await each(asked, () => ({
        from: ['needs-user'],
        change: {
          state: 'planned',
          marker,
          payload,
          payloadHash,
          notSent: true,
          attempts: 0,
          lookups: 0,
          nextInMs: 0,
          errorCode: null,
        },
      }))
      await audit.record({
        actorId: asked.userId,
        action: 'operation.repeat',
        target: `operation:${row.id}`,
        outcome: 'done',
        facts: { payload_hash: payloadHash },
      })
      return repeated
    },

    /** Only what has not left: a worker that holds it loses it before it can send. */
    cancel: (asked: Asked) =>
      each(asked, () => ({ from: ['planned'], change: { state: 'cancelled' } })),
  }
}

function requireExecutor(executors: Executors, kind: string): Executor {
  const executor = executors[kind]
  if (executor === undefined) throw new Error(`nobody carries out ${kind}`)
  return executor
}

async function verify(executor: Executor, { row, key }: { row: store.OperationRow; key: string }) {
  try {
    return await executor.verify(row, key)
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

type Presenting = { readonly executors: Executors; readonly language: Language }

/** As the page sees it; what is wrong is told in the language of the reader. */
function presentOperation(shown: WholeOperation, presenting: Presenting): Operation {
  const { row, steps, ahead } = shown
  const { executors, language } = presenting
  const presentStep = (step: store.OperationRow) =>
    presentOperation({ row: step, ahead, steps: undefined }, presenting)
  return withoutAbsent({
    id: row.id,
    kind: row.kind,
    ...placeOf(row, executors[row.kind]),
    // The column's check constraint lists exactly these.
    state: row.state as OperationState,
    title: row.title,
    ...waitOf(row, ahead),
    marker: row.marker,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    storyId: row.story_id,
    problem: problemOf(row, language),
    key: row.external_key,
    url: row.external_url,
    steps: steps?.map(presentStep),
  })
}

function placeOf(row: store.OperationRow, executor: Executor | undefined) {
  const { system, thing } = executor ?? {}
  return { system, thing, target: executor?.present(row).target ?? '' }
}

function waitOf(row: store.OperationRow, ahead: ReadonlyMap<string, number>) {
  const { state, parent_id: parentId, next_attempt_at: next } = row
  const isPlanned = state === 'planned'
  return {
    waitsForSteps: isPlanned && parentId !== null && next === null ? true : undefined,
    ahead: isPlanned ? ahead.get(row.id) : undefined,
    nextAttemptAt: isPlanned || state === 'unknown' ? next?.toISOString() : undefined,
  }
}

function problemOf(row: store.OperationRow, language: Language): Operation['problem'] {
  if (row.error_code === null) return undefined
  const correlationId = currentContext()?.correlationId ?? row.id
  const facts = (row.error_facts ?? {}) as unknown as Facts
  return describeProblem(knownCode(row.error_code), facts, { correlationId, language })
}
