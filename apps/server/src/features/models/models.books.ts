import type { ModelLimits, ModelSpending } from '@studioops/contracts/models'
import type { Attempt } from '../../integrations/llm/failover.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Log } from '../../platform/log/log.ts'
import type { OpenedModel, Question } from './models.port.ts'
import * as store from './models.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly clock?: () => Date
}

export type ModelBooks = ReturnType<typeof createModelBooks>

/** Letters to a token, where the provider does not say; Hebrew has fewer to one. */
const lettersPerToken = 3

/** How long what is known of spending counts: a month's budget is not broken by seconds. */
const knownForMs = 5_000

export type Standing = { readonly own: ModelSpending; readonly workspace: ModelSpending }

/** What calls took, and what may still be used. */
export function createModelBooks({ database, log, clock = () => new Date() }: Dependencies) {
  const known = new Map<string, { readonly at: number; readonly standing: Standing }>()

  async function read(userId: string): Promise<Standing> {
    return database.readAsUser(userId, async (db) => {
      const [budgets, spent] = [await store.listBudgets(db), await store.findSpending(db)]
      const of = (scope: string) => budgets.find((row) => row.scope === scope)
      const mine = budgets.find((row) => row.user_id === userId) ?? of('everyone')
      return {
        own: spendingOf(spent.own_tokens, Number(spent.own_cost), limitsOf(mine)),
        workspace: spendingOf(spent.all_tokens, Number(spent.all_cost), limitsOf(of('workspace'))),
      }
    })
  }

  async function lately(userId: string): Promise<Standing> {
    const before = known.get(userId)
    if (before !== undefined && Date.now() - before.at < knownForMs) return before.standing
    const standing = await read(userId)
    if (known.size > 1_000) known.clear()
    known.set(userId, { at: Date.now(), standing })
    return standing
  }

  return {
    /** Past what was known of anybody: limits have changed. */
    forget: () => known.clear(),

    read,

    /** @throws AppError `model.budget-spent`, which names who can raise it */
    async requireBudget({ userId, language }: Question): Promise<void> {
      const { own, workspace } = await lately(userId)
      if ((own.percent ?? 0) < 100 && (workspace.percent ?? 0) < 100) return
      const keepers = await database.readAsUser(userId, store.listKeepers)
      const now = clock()
      const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
      const facts = {
        who: new Intl.ListFormat(language, { type: 'disjunction' }).format(keepers),
        date: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
          next,
        ),
      }
      const retryAfterSeconds = Math.ceil((next.getTime() - now.getTime()) / 1_000)
      throw new AppError('model.budget-spent', { facts, retryAfterSeconds })
    },

    /** Never throws: an answer is not withheld because it could not be counted. */
    async note(question: Question, model: OpenedModel, attempt: Attempt) {
      await database
        .writeAsUser(question.userId, (db) =>
          store.insertUsage(db, rowOf(question, model, attempt)),
        )
        .catch((err: unknown) => log.warn({ err }, 'a call of a model was not counted'))
    },
  }
}

function rowOf(
  { userId, projectId, purpose }: Question,
  { provider, candidate }: OpenedModel,
  { error, outcome, ttftMs, durationMs, ...attempt }: Attempt,
): store.NewUsage {
  return {
    user_id: userId,
    project_id: projectId ?? null,
    provider,
    model: candidate.model.name,
    purpose,
    outcome,
    error_kind: error?.kind ?? null,
    ...tokensOf(attempt),
    ttft_ms: ttftMs ?? null,
    duration_ms: durationMs,
  }
}

function tokensOf({ usage, length, asked }: Pick<Attempt, 'usage' | 'length' | 'asked'>) {
  if (usage !== undefined)
    return {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      is_estimated: false,
    }
  const isAnswered = length > 0
  return {
    input_tokens: isAnswered ? asked : 0,
    output_tokens: Math.ceil(length / lettersPerToken),
    is_estimated: isAnswered,
  }
}

/** @param row absent, or null in a column: no limit */
export function limitsOf(row: store.BudgetRow | undefined): ModelLimits {
  const { tokens = null, cost = null } = row ?? {}
  return {
    ...(tokens === null ? {} : { tokens: Number(tokens) }),
    ...(cost === null ? {} : { cost: Number(cost) }),
  }
}

function spendingOf(tokens: number, cost: number, limits: ModelLimits): ModelSpending {
  const shares = [
    ...(limits.tokens === undefined ? [] : [share(tokens, limits.tokens)]),
    ...(limits.cost === undefined ? [] : [share(cost, limits.cost)]),
  ]
  return {
    tokens,
    cost,
    limits,
    ...(shares.length === 0 ? {} : { percent: Math.floor(Math.max(...shares)) }),
  }
}

/** A budget of nothing is used up. */
function share(used: number, limit: number): number {
  return limit === 0 ? 100 : (used / limit) * 100
}
