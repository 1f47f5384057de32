import { randomUUID } from 'node:crypto'
import type {
  ModelBudgets,
  ModelKind,
  ModelLimits,
  ModelPrice,
  ModelProvider,
  ModelsView,
  ModelUsageRow,
  ModelUsageTotals,
} from '@studioops/contracts/models'
import type { Language } from '@studioops/contracts/installation'
import { modelErrorCode, type ModelError } from '../../integrations/llm/model-error.ts'
import type { Standings } from '../../integrations/llm/standings.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Keyring } from '../../platform/crypto/keyring.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { Secret } from '../../platform/secret/secret.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { limitsOf, type ModelBooks } from './models.books.ts'
import { keyOwner, keyPlace, type OpenChain } from './models.chain.ts'
import type { OpenedModel } from './models.port.ts'
import * as store from './models.store.ts'

type Dependencies = {
  readonly database: Database
  readonly keyring: Keyring
  readonly audit: Audit
  readonly books: ModelBooks
  readonly standings: Standings
  readonly openChain: OpenChain
}

type Viewer = { readonly userId: string; readonly language: Language }

export type NewProvider = {
  readonly name: string
  readonly baseUrl: string
  readonly model: string
  readonly key?: string | undefined
}

type Budgets = {
  readonly workspace: ModelLimits
  readonly everyone: ModelLimits
  readonly people: readonly (ModelLimits & { readonly userId: string })[]
}

const dayMs = 24 * 60 * 60_000

export type ModelService = ReturnType<typeof createModelService>

/** The chain of models as people see and change it, and what it took. */
export function createModelService(dependencies: Dependencies) {
  const { database, keyring, audit, books, standings, openChain } = dependencies

  async function show({ userId, language }: Viewer): Promise<ModelsView> {
    const [{ rows, choice, prices }, opened, spending] = await Promise.all([
      database.readAsUser(userId, async (db) => ({
        rows: await store.listProviders(db),
        choice: await store.findChoice(db, userId),
        prices: await store.listPrices(db),
      })),
      openChain({ userId, language }).catch(noneIfRefused),
      books.read(userId),
    ])
    return {
      providers: rows.map((row) => {
        const open = opened.find(({ id }) => id === row.id)
        return present(row, { open, standing: open && standings.of(open.candidate.key), language })
      }),
      ...(choice === undefined ? {} : { choice }),
      ...spending,
      prices: prices.map(({ model, input, output }) => ({
        model,
        input: Number(input),
        output: Number(output),
      })),
    }
  }

  async function change(
    viewer: Viewer,
    target: string,
    work: (db: Db) => Promise<unknown>,
  ): Promise<ModelsView> {
    await database.asUser(viewer.userId, async (db) => {
      await work(db)
      const entry = { actorId: viewer.userId, action: 'workspace.change', outcome: 'done' } as const
      await audit.record({ ...entry, target }, db)
    })
    books.forget()
    return show(viewer)
  }

  async function budgets(userId: string): Promise<ModelBudgets> {
    return database.asUser(userId, async (db) => {
      const [rows, names] = [await store.listBudgets(db), await store.listNames(db)]
      const of = (scope: string) => limitsOf(rows.find((row) => row.scope === scope))
      return {
        workspace: of('workspace'),
        everyone: of('everyone'),
        people: rows.flatMap((row) =>
          row.user_id === null
            ? []
            : [
                {
                  ...limitsOf(row),
                  userId: row.user_id,
                  displayName: names.get(row.user_id) ?? '',
                },
              ],
        ),
      }
    })
  }

  return {
    show,

    /** @throws AppError `model.no-such-provider` */
    async choose(viewer: Viewer, providerId: string | undefined): Promise<ModelsView> {
      await database.asUser(viewer.userId, async (db) => {
        const rows = await store.listProviders(db)
        if (providerId !== undefined && rows.every(({ id }) => id !== providerId))
          throw new AppError('model.no-such-provider')
        await store.saveChoice(db, viewer.userId, providerId)
      })
      return show(viewer)
    },

    /** @throws AppError `model.no-such-provider` */
    order: (viewer: Viewer, order: readonly { id: string; isEnabled: boolean }[]) =>
      change(viewer, 'workspace:model-order', async (db) => {
        for (const [position, place] of order.entries())
          if (!(await store.placeProvider(db, { ...place, position })))
            throw new AppError('model.no-such-provider')
      }),

    /** @throws AppError `secret.locked` */
    add: (viewer: Viewer, { name, baseUrl, model, key }: NewProvider) => {
      const id = randomUUID()
      const wrapped = key === undefined ? null : keyring.createDataKey(keyOwner)
      return change(viewer, `workspace:model:${id}`, (db) =>
        store.insertProvider(db, {
          id,
          name,
          base_url: baseUrl,
          model,
          wrapped_key: wrapped,
          encrypted_key:
            wrapped === null || key === undefined
              ? null
              : keyring.encrypt(wrapped, keyPlace(id), new Secret(key)),
          key_hint: key === undefined || key.length < 12 ? null : key.slice(-4),
        }),
      )
    },

    /** @throws AppError `model.no-such-provider` */
    remove: (viewer: Viewer, providerId: string) =>
      change(viewer, `workspace:model:${providerId}`, async (db) => {
        if (!(await store.deleteProvider(db, providerId)))
          throw new AppError('model.no-such-provider')
      }),

    setPrices: (viewer: Viewer, prices: readonly ModelPrice[]) =>
      change(viewer, 'workspace:model-prices', (db) =>
        store.replacePrices(db, [
          ...new Map(prices.map((price) => [price.model.toLowerCase(), price])).values(),
        ]),
      ),

    budgets,

    async setBudgets(viewer: Viewer, { workspace, everyone, people }: Budgets) {
      const row = (scope: 'workspace' | 'everyone' | 'person', limits: ModelLimits, who?: string) =>
        limits.tokens === undefined && limits.cost === undefined
          ? []
          : [
              {
                scope,
                user_id: who ?? null,
                tokens: limits.tokens ?? null,
                cost: limits.cost ?? null,
              },
            ]
      const byPerson = new Map(people.map((person) => [person.userId, person]))
      await change(viewer, 'workspace:model-budgets', (db) =>
        store.replaceBudgets(db, [
          ...row('workspace', workspace),
          ...row('everyone', everyone),
          ...[...byPerson].flatMap(([userId, person]) => row('person', person, userId)),
        ]),
      )
      return budgets(viewer.userId)
    },

    async usage(userId: string, { days, ofEverybody }: { days: number; ofEverybody: boolean }) {
      const since = new Date(Date.now() - days * dayMs)
      const rows = await database.readAsUser(userId, (db) =>
        store.listTotals(db, { since, ofEverybody }),
      )
      const shown = rows.map(presentTotals)
      return { rows: shown, totals: sumOf(shown) }
    },
  }
}

function noneIfRefused(error: unknown): readonly OpenedModel[] {
  if (error instanceof AppError) return []
  throw error
}

type Presenting = {
  readonly open: OpenedModel | undefined
  readonly standing: ReturnType<Standings['of']>
  readonly language: Language
}

function present(row: store.ProviderRow, presenting: Presenting): ModelProvider {
  const { open, standing } = presenting
  const lastGoodAt = standing?.lastGoodAt ?? row.last_good_at ?? undefined
  return {
    id: row.id,
    // The column's check constraint lists exactly these.
    kind: row.kind as ModelKind,
    name: row.name,
    isEnabled: row.is_enabled,
    isOpen: open !== undefined,
    ...withoutAbsent({
      ...addressOf(row, open),
      keyHint: row.key_hint ?? undefined,
      lastGoodAt: lastGoodAt?.toISOString(),
    }),
    ...failureOf(row, presenting),
  }
}

function addressOf(row: store.ProviderRow, open: OpenedModel | undefined) {
  const host = row.base_url === null ? open?.provider : URL.parse(row.base_url)?.host
  return { host, model: open?.candidate.model.name ?? row.model ?? undefined }
}

/** What this process has seen last counts before what is written down. */
function lastFailure(row: store.ProviderRow, standing: Presenting['standing']) {
  const kind = standing?.failure
  if (kind === undefined) return { code: row.failure_code, since: row.failing_since }
  return { code: modelErrorCode({ kind } as ModelError), since: standing?.lastFailedAt ?? null }
}

function failureOf(row: store.ProviderRow, { open, standing, language }: Presenting) {
  const { code, since } = lastFailure(row, standing)
  if (code === null || since === null) return {}
  const { host = '', model = '' } = addressOf(row, open)
  const circumstances = { correlationId: currentContext()?.correlationId ?? '', language }
  const facts = { host, model, seconds: 10 }
  return {
    failingSince: since.toISOString(),
    failure: describeProblem(knownCode(code), facts, circumstances),
  }
}

function presentTotals(row: store.TotalsRow): ModelUsageRow {
  return {
    day: row.day,
    userId: row.user_id,
    displayName: row.display_name,
    provider: row.provider,
    model: row.model,
    calls: row.calls,
    failed: row.failed,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cost: Number(row.cost),
    unpriced: row.unpriced,
    ...(row.ttft_ms === null ? {} : { ttftMs: Math.round(row.ttft_ms) }),
  }
}

function sumOf(rows: readonly ModelUsageRow[]): ModelUsageTotals {
  const sum = (member: keyof ModelUsageTotals) =>
    rows.reduce((total, row) => total + row[member], 0)
  return {
    calls: sum('calls'),
    failed: sum('failed'),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    cost: sum('cost'),
    unpriced: sum('unpriced'),
  }
}
