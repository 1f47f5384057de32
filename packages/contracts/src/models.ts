import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/** `own`: what each person connected. `company`: the company's, with the person's cookie. */
export const modelKind = z.enum(['own', 'company', 'server'])
export type ModelKind = z.output<typeof modelKind>

export const modelProvider = z.object({
  id: z.uuid(),
  kind: modelKind,
  /** What the workspace calls it; empty for the first two kinds. */
  name: z.string(),
  /** Where it is and what it is called there; absent where this person has none. */
  host: z.string().optional(),
  model: z.string().optional(),
  keyHint: z.string().optional(),
  isEnabled: z.boolean(),
  /** Whether this person could ask it now. */
  isOpen: z.boolean(),
  lastGoodAt: z.iso.datetime().optional(),
  failingSince: z.iso.datetime().optional(),
  failure: problem.optional(),
})
export type ModelProvider = z.output<typeof modelProvider>

const money = z.number().min(0).max(1_000_000_000)
const tokens = z.int().min(0).max(1_000_000_000_000)

/** What may be used in a month; an absent limit is none. */
export const modelLimits = z.object({ tokens: tokens.optional(), cost: money.optional() })
export type ModelLimits = z.output<typeof modelLimits>

const spending = z.object({
  tokens: z.number(),
  /** US dollars. */
  cost: z.number(),
  limits: modelLimits,
  /** Of the limit that is nearer, 0 to 100 and more; absent where there is none. */
  percent: z.number().optional(),
})
export type ModelSpending = z.output<typeof spending>

export const modelPrice = z.object({
  /** The beginning of a model's name; the longest that fits counts. */
  model: z.string().trim().min(1).max(200),
  /** US dollars for a million tokens. */
  input: money,
  output: money,
})
export type ModelPrice = z.output<typeof modelPrice>

export const modelsView = z.object({
  /** In the order in which they are asked. */
  providers: z.array(modelProvider),
  /** Whom the person wants to be asked first. */
  choice: z.uuid().optional(),
  own: spending,
  workspace: spending,
  prices: z.array(modelPrice),
})
export type ModelsView = z.output<typeof modelsView>

export const getModels = defineEndpoint({
  method: 'GET',
  path: '/models',
  summary: 'The chain of models as the person would ask it, how each stands, and this month.',
  access: 'member',
  reply: modelsView,
  errors: ['session.required'],
})

export const chooseModel = defineEndpoint({
  method: 'PUT',
  path: '/models/choice',
  summary:
    'Whom the person wants to be asked first; without one the order of the workspace counts.',
  access: 'member',
  body: z.object({ providerId: z.uuid().optional() }),
  reply: modelsView,
  errors: ['session.required', 'request.invalid', 'model.no-such-provider'],
})

const usageTotals = z.object({
  calls: z.int(),
  failed: z.int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** US dollars, of the calls whose model has a price. */
  cost: z.number(),
  /** Calls of models without a price. */
  unpriced: z.int(),
})
export type ModelUsageTotals = z.output<typeof usageTotals>

const usageRow = usageTotals.extend({
  day: z.iso.date(),
  userId: z.uuid(),
  displayName: z.string(),
  provider: z.string(),
  model: z.string(),
  /** To the first word, at the median. */
  ttftMs: z.number().optional(),
})
export type ModelUsageRow = z.output<typeof usageRow>

const usageQuery = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) })
const usageReply = z.object({ rows: z.array(usageRow), totals: usageTotals })

export const getModelUsage = defineEndpoint({
  method: 'GET',
  path: '/models/usage',
  summary: 'What the own calls of models took, by day, provider and model.',
  access: 'member',
  query: usageQuery,
  reply: usageReply,
  errors: ['session.required', 'request.invalid'],
})

export const getWorkspaceModelUsage = defineEndpoint({
  method: 'GET',
  path: '/admin/models/usage',
  summary: 'What the calls of models of everybody took, by day, person, provider and model.',
  access: 'admin',
  query: usageQuery,
  reply: usageReply,
  errors: ['session.required', 'session.not-allowed', 'request.invalid'],
})

const adminErrors = ['session.required', 'session.not-allowed', 'request.invalid'] as const

export const orderModels = defineEndpoint({
  method: 'PUT',
  path: '/admin/models/order',
  summary: 'The order in which models are asked, and which are not asked at all.',
  access: 'admin',
  body: z.object({
    order: z
      .array(z.object({ id: z.uuid(), isEnabled: z.boolean() }))
      .min(1)
      .max(50),
  }),
  reply: modelsView,
  errors: [...adminErrors, 'model.no-such-provider'],
})

export const addModelProvider = defineEndpoint({
  method: 'POST',
  path: '/admin/models/providers',
  summary: 'Adds a model for everybody, behind any server that speaks chat completions.',
  access: 'admin',
  stepUp: true,
  status: 201,
  body: z.object({
    name: z.string().trim().min(1).max(100),
    baseUrl: z.url({ protocol: /^https?$/ }).max(500),
    model: z.string().trim().min(1).max(200),
    /** Absent: the server needs none, as Ollama. */
    key: z.string().trim().min(1).max(2_000).optional(),
  }),
  reply: modelsView,
  errors: [...adminErrors, 'session.step-up-needed', 'secret.locked', 'idempotency.mismatch'],
})

export const removeModelProvider = defineEndpoint({
  method: 'DELETE',
  path: '/admin/models/providers/:providerId',
  summary: 'Takes a model out of the workspace; its key is deleted.',
  access: 'admin',
  stepUp: true,
  params: z.object({ providerId: z.uuid() }),
  reply: modelsView,
  errors: [...adminErrors, 'session.step-up-needed', 'model.no-such-provider'],
})

export const setModelPrices = defineEndpoint({
  method: 'PUT',
  path: '/admin/models/prices',
  summary: 'What models cost. Calls from now on are counted with it.',
  access: 'admin',
  body: z.object({ prices: z.array(modelPrice).max(500) }),
  reply: modelsView,
  errors: [...adminErrors],
})

export const modelBudgets = z.object({
  workspace: modelLimits,
  /** Holds for each person who has none of their own. */
  everyone: modelLimits,
  people: z.array(modelLimits.extend({ userId: z.uuid(), displayName: z.string() })),
})
export type ModelBudgets = z.output<typeof modelBudgets>

export const getModelBudgets = defineEndpoint({
  method: 'GET',
  path: '/admin/models/budgets',
  summary: 'What may be used in a month: by all together, by each, by certain people.',
  access: 'admin',
  reply: modelBudgets,
  errors: ['session.required', 'session.not-allowed'],
})

export const setModelBudgets = defineEndpoint({
  method: 'PUT',
  path: '/admin/models/budgets',
  summary: 'Sets what may be used in a month.',
  access: 'admin',
  body: z.object({
    workspace: modelLimits,
    everyone: modelLimits,
    people: z.array(modelLimits.extend({ userId: z.uuid() })).max(1_000),
  }),
  reply: modelBudgets,
  errors: [...adminErrors],
})
