import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { TrelloError } from '../../integrations/trello/trello-error.ts'
import type { TrelloClient, TrelloWebhook } from '../../integrations/trello/trello-client.ts'
import { isSignedByTrello } from '../../integrations/trello/trello-webhook.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { defineJob, type JobKinds } from '../../platform/jobs/job.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import type { Secret } from '../../platform/secret/secret.ts'
import { asRefusal } from './boards.executors.ts'
import * as store from './boards.hooks.store.ts'

type Dependencies = {
  readonly database: Database
  readonly jobs: Jobs
  readonly openTrello: (userId: string) => Promise<TrelloClient>
  readonly isConnected: (userId: string) => Promise<boolean>
  /** Asks Trello for the board and keeps what it says. */
  readonly refresh: (userId: string, boardId: string) => Promise<void>
  /** Of the Power-Up whose key people use; without it no call can be told from a forged one. */
  readonly secret: Secret | undefined
  /** Where Trello reaches this product, no slash at the end; undefined where it cannot. */
  readonly publicOrigin: () => string | undefined
}

/** `gone`: Trello is to forget it, which it does by itself on a 410. */
export type Receipt = 'taken' | 'forged' | 'gone'

type Call = { readonly body: Uint8Array; readonly signature: string | undefined }

/** Several changes of one hand come within moments. */
const gatherMs = 1_500

const place = z.object({ boardId: z.string() })

/**
 * Lets Trello call when a board changes, where it can reach us and its signature can be checked. A call
 * marks the last known state as overtaken and has it read anew; it is never believed beyond that.
 */
export function createBoardHooks(dependencies: Dependencies) {
  const { database, jobs, openTrello, secret, publicOrigin } = dependencies
  const urlOf = (id: string) => `${publicOrigin() ?? ''}/hooks/trello/${id}`
  const isOn = () => secret !== undefined && publicOrigin() !== undefined

  /** What Trello has of it; undefined where it has forgotten it or calls somewhere else. */
  async function findAtTrello(trello: TrelloClient, { id, webhookId }: store.Hook) {
    if (webhookId === undefined) return undefined
    try {
      const found = await trello.webhook(webhookId)
      return found.callbackURL === urlOf(id) ? found : undefined
    } catch (error) {
      if (error instanceof TrelloError && error.kind === 'not-found') return undefined
      throw error
    }
  }

  async function keepCalling(trello: TrelloClient, { id, active }: TrelloWebhook) {
    if (!active) await trello.updateWebhook(id, { active: true })
  }

  async function watch(userId: string, boardId: string): Promise<void> {
    const trello = await openTrello(userId)
    const before = await database.readAsUser(userId, (db) => store.findHookOf(db, boardId))
    const found = before && (await findAtTrello(trello, before))
    if (before !== undefined && found !== undefined) {
      await keepCalling(trello, found)
      await database.asUser(userId, (db) => store.confirmHook(db, before.id, found.id))
      return
    }
    // A new address each time: whatever an earlier try has left at Trello is told that it is gone.
    const id = randomUUID()
    await database.asUser(userId, (db) => store.replaceHook(db, { id, userId, boardId }))
    const description = 'StudioOps'
    const made = await trello.createWebhook({
      callbackURL: urlOf(id),
      idModel: boardId,
      description,
    })
    await database.asUser(userId, (db) => store.confirmHook(db, id, made.id))
  }

  const kinds: JobKinds = {
    'boards.watch': defineJob({
      payload: place,
      async run({ boardId }, { userId }) {
        if (userId === undefined || !isOn()) return
        await watch(userId, boardId).catch((error: unknown) => {
          throw asRefusal(error)
        })
      },
    }),
    'boards.refresh': defineJob({
      payload: place,
      async run({ boardId }, { userId }) {
        if (userId !== undefined) await dependencies.refresh(userId, boardId)
      },
    }),
  }

  return {
    kinds,

    /** In the transaction that keeps a board which Trello has just told. */
    async planWatch(db: Db, userId: string, boardId: string): Promise<void> {
      if (!isOn() || !(await store.isUnwatched(db, boardId))) return
      await jobs.enqueue(db, {
        kind: 'boards.watch',
        userId,
        payload: { boardId },
        cause: 'change',
        singleton: `boards.watch ${userId} ${boardId}`,
      })
    },

    /** Trello asks before it agrees. */
    async knows(id: string): Promise<boolean> {
      if (!isOn()) return false
      return (await database.asMaintenance((db) => store.findHook(db, id))) !== undefined
    },

    async receive(id: string, { body, signature }: Call): Promise<Receipt> {
      const hook = await database.asMaintenance((db) => store.findHook(db, id))
      if (hook === undefined || secret === undefined) return 'gone'
      if (!isSignedByTrello(secret, { body, signature, callbackUrl: urlOf(id) })) return 'forged'
      const { userId, boardId } = hook
      const isConnected = await dependencies.isConnected(userId)
      return database.asUser(userId, async (db) => {
        if (!isConnected || !(await store.noteChange(db, boardId))) {
          await store.forgetHook(db, id)
          return 'gone'
        }
        await jobs.enqueue(db, {
          kind: 'boards.refresh',
          userId,
          payload: { boardId },
          cause: 'change',
          singleton: `boards.refresh ${userId} ${boardId}`,
          delayMs: gatherMs,
        })
        return 'taken'
      })
    },
  }
}

export type BoardHooks = ReturnType<typeof createBoardHooks>
