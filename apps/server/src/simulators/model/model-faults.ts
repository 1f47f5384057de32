import { fault, sharedFaults, type Fault, type FaultKind } from '../fault-control.ts'

export const modelFaults = [
  ...sharedFaults,
  'die',
  'stall',
  'no-finish',
  'error-in-stream',
  'bad-event',
  'split',
  'crlf',
  'quota',
  'prose',
  'careless',
  'overload',
  'content',
  'content-filter',
  'fake-end',
  'obedient',
] as const satisfies readonly FaultKind[]

export type ModelName =
  | { readonly kind: 'known'; readonly model: string; readonly faults: readonly Fault[] }
  | { readonly kind: 'unknown' }

type Suffix = (argument: string | undefined) => Fault

const after = (argument: string | undefined): number => Number(argument ?? 10)

const suffixes: Readonly<Record<string, Suffix>> = {
  die: (argument) => ({ kind: 'die', after: after(argument) }),
  stall: (argument) => ({ kind: 'stall', after: after(argument) }),
  'no-finish': (argument) => ({ kind: 'no-finish', after: after(argument) }),
  error: (argument) => ({ kind: 'error-in-stream', after: after(argument) }),
  badjson: (argument) => ({ kind: 'bad-event', after: after(argument) }),
  split: () => ({ kind: 'split' }),
  crlf: () => ({ kind: 'crlf' }),
  prose: () => ({ kind: 'prose' }),
  careless: () => ({ kind: 'careless', how: 'any' }),
  wrongjson: () => ({ kind: 'careless', how: 'json' }),
  toolong: () => ({ kind: 'careless', how: 'long' }),
  nosections: () => ({ kind: 'careless', how: 'sections' }),
  drops: () => ({ kind: 'careless', how: 'dropped' }),
  hebrewkeys: () => ({ kind: 'careless', how: 'hebrew' }),
  coarse: () => ({ kind: 'careless', how: 'coarse' }),
  uncut: () => ({ kind: 'careless', how: 'uncut' }),
  large: () => ({ kind: 'careless', how: 'large' }),
  quota: () => ({ kind: 'quota' }),
  overload: () => ({ kind: 'overload' }),
  content: () => ({ kind: 'content' }),
  filter: (argument) => ({ kind: 'content-filter', after: after(argument) }),
  'fake-end': (argument) => ({ kind: 'fake-end', after: after(argument) }),
  obedient: () => ({ kind: 'obedient' }),
  away: () => ({ kind: 'away' }),
  hang: () => ({ kind: 'hang' }),
  latency: (argument) => ({ kind: 'latency', latencyMs: Number(argument ?? 1000) }),
  '401': () => ({ kind: 'status', status: 401 }),
  '404': () => ({ kind: 'status', status: 404 }),
  '429': (argument) => ({ kind: 'too-many-requests', retryAfter: argument ?? '1' }),
  '500': () => ({ kind: 'status', status: 500 }),
  '503': () => ({ kind: 'status', status: 503 }),
}

/**
 * Reads a model name such as `demo-writer`, `demo-writer:die:20` or `demo-writer:split:crlf`.
 *
 * @returns `unknown` for a model that is not offered, and for a fault that does not exist
 */
export function readModelName(name: string, models: readonly string[]): ModelName {
  const [model = '', ...parts] = name.split(':')
  if (!models.includes(model)) return { kind: 'unknown' }
  const faults: Fault[] = []
  while (parts.length > 0) {
    const suffix = suffixes[parts.shift() ?? '']
    const argument = /^\d+$/.test(parts[0] ?? '') ? parts.shift() : undefined
    const read = fault.safeParse(suffix?.(argument))
    if (!read.success) return { kind: 'unknown' }
    faults.push(read.data)
  }
  return { kind: 'known', model, faults }
}
