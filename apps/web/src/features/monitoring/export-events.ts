import type { MonitoringEvent } from '@studioops/contracts/monitoring'

export const exportForms = ['csv', 'json', 'prometheus'] as const
export type ExportForm = (typeof exportForms)[number]

const writers: Readonly<Record<ExportForm, (events: readonly MonitoringEvent[]) => string>> = {
  csv: toCsv,
  json: (events) => `${JSON.stringify(events, undefined, 2)}\n`,
  prometheus: toPrometheus,
}

const files = {
  csv: { name: 'events.csv', type: 'text/csv' },
  json: { name: 'events.json', type: 'application/json' },
  prometheus: { name: 'events.prom', type: 'text/plain' },
} as const

/** The events that a filter shows, as text of a file. */
export function writeEvents(form: ExportForm, events: readonly MonitoringEvent[]): string {
  return writers[form](events)
}

/** Hands the file to the browser. */
export function saveEvents(form: ExportForm, events: readonly MonitoringEvent[]): void {
  const { name, type } = files[form]
  const url = URL.createObjectURL(new Blob([writeEvents(form, events)], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

const columns = [
  'at',
  'node',
  'type',
  'name',
  'operation',
  'outcome',
  'durationMs',
  'weight',
  'code',
  'requestId',
  'traceId',
] as const

function toCsv(events: readonly MonitoringEvent[]): string {
  const rows = events.map((event) =>
    columns
      .map((column) => cell(column === 'at' ? new Date(event.at).toISOString() : event[column]))
      .join(','),
  )
  return `${[columns.join(','), ...rows].join('\r\n')}\r\n`
}

/** What a spreadsheet would take for a formula is text. */
function cell(value: string | number | undefined): string {
  const text = String(value ?? '')
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Sums over weights, so that what was sampled counts as what it stands for. */
function toPrometheus(events: readonly MonitoringEvent[]): string {
  const sums = new Map<string, { count: number; seconds: number }>()
  for (const { type, name, operation, outcome, weight, durationMs } of events) {
    const labels = Object.entries({ type, name, operation, outcome })
      .map(([label, value]) => `${label}="${escaped(value)}"`)
      .join(',')
    const sum = sums.get(labels) ?? { count: 0, seconds: 0 }
    sums.set(labels, {
      count: sum.count + weight,
      seconds: sum.seconds + (weight * durationMs) / 1_000,
    })
  }
  const lines = (metric: string, help: string, value: 'count' | 'seconds') => [
    `# HELP ${metric} ${help}`,
    `# TYPE ${metric} gauge`,
    ...[...sums].map(([labels, sum]) => `${metric}{${labels}} ${sum[value]}`),
  ]
  return `${[
    ...lines('studioops_shown_events', 'Operations that the shown events stand for.', 'count'),
    ...lines('studioops_shown_events_seconds', 'Their time together.', 'seconds'),
  ].join('\n')}\n`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
