import type { ModelUsageRow, ModelUsageTotals } from '@studioops/contracts/models'

export type Grouping = 'day' | 'person' | 'model'

const nameOf: Readonly<Record<Grouping, (row: ModelUsageRow) => string>> = {
  day: ({ day }) => day,
  person: ({ displayName }) => displayName,
  model: ({ provider, model }) => (provider === model ? model : `${provider} · ${model}`),
}

/** Adds up what has the same day, person or model; in the order in which each first comes. */
export function groupUsage(rows: readonly ModelUsageRow[], by: Grouping) {
  const groups = Map.groupBy(rows, nameOf[by])
  return [...groups].map(([name, members]) => ({ name, sum: members.reduce(add, nothing) }))
}

const nothing: ModelUsageTotals = {
  calls: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  cost: 0,
  unpriced: 0,
}

function add(sum: ModelUsageTotals, row: ModelUsageTotals): ModelUsageTotals {
  return {
    calls: sum.calls + row.calls,
    failed: sum.failed + row.failed,
    inputTokens: sum.inputTokens + row.inputTokens,
    outputTokens: sum.outputTokens + row.outputTokens,
    cost: sum.cost + row.cost,
    unpriced: sum.unpriced + row.unpriced,
  }
}
