import type { ErrorCode } from '@studioops/contracts/errors'

/** What happens to PostgreSQL, or between it and us. */
export type DatabaseInjection =
  /** The server answers with this state in the middle of a transaction. */
  | { readonly kind: 'state'; readonly sqlstate: string; readonly times?: number }
  /** No connection is accepted, and those that are open are reset. */
  | { readonly kind: 'refused' }
  /** All connections are reset; the server is there again at once. */
  | { readonly kind: 'restarted' }
  /** The line swallows everything and says nothing. */
  | { readonly kind: 'half-open' }
  /** COMMIT arrives; its answer does not. */
  | { readonly kind: 'commit-lost' }
  /** The server has no connection left for us. */
  | { readonly kind: 'no-connections' }
  /** The server takes no writes, as a standby does. */
  | { readonly kind: 'standby' }
  /** Two transactions wait for each other. */
  | { readonly kind: 'deadlock' }

/** A cell of reliability.md 5.3: what becomes of a write, for whoever asked and in the tables. */
export type DatabaseFault = {
  readonly id: string
  readonly inject: DatabaseInjection
  /** `saved`: nobody notices anything. */
  readonly expect: { readonly status: number; readonly code: ErrorCode } | 'saved'
  /** How many rows stand there when the fault is over. */
  readonly rows: 0 | 1
}

const state = (sqlstate: string) => ({ kind: 'state', sqlstate }) as const
const away = { expect: { status: 503, code: 'database.unavailable' }, rows: 0 } as const
const inUse = { expect: { status: 503, code: 'database.in-use' }, rows: 0 } as const
const tooMany = { expect: { status: 503, code: 'database.too-many' }, rows: 0 } as const
const readOnly = { expect: { status: 503, code: 'database.read-only' }, rows: 0 } as const
const defect = { expect: { status: 500, code: 'internal' }, rows: 0 } as const

export const databaseFaults: readonly DatabaseFault[] = [
  { id: 'refused', inject: { kind: 'refused' }, ...away },
  { id: 'restarted between two writes', inject: { kind: 'restarted' }, ...away },
  { id: 'half-open', inject: { kind: 'half-open' }, ...away },
  {
    id: 'the answer to COMMIT lost',
    inject: { kind: 'commit-lost' },
    expect: { status: 503, code: 'database.commit-unclear' },
    rows: 1,
  },
  { id: 'no connection left for us', inject: { kind: 'no-connections' }, ...tooMany },
  { id: 'a standby', inject: { kind: 'standby' }, ...readOnly },
  {
    id: 'a real deadlock',
    inject: { kind: 'deadlock' },
    expect: 'saved',
    rows: 1,
  },
  {
    id: 'a serialization failure, three times',
    inject: { kind: 'state', sqlstate: '40001', times: 3 },
    expect: 'saved',
    rows: 1,
  },
  { id: 'a serialization failure that stays', inject: state('40001'), ...inUse },
  { id: 'a deadlock that stays', inject: state('40P01'), ...inUse },
  { id: 'ended in a transaction', inject: state('57P01'), ...away },
  { id: 'crashed beside us', inject: state('57P02'), ...away },
  { id: 'recovering', inject: state('57P03'), ...away },
  { id: 'cancelled, or too slow', inject: state('57014'), ...inUse },
  { id: 'lock timeout', inject: state('55P03'), ...inUse },
  { id: 'connection lost', inject: state('08006'), ...away },
  { id: 'too many clients', inject: state('53300'), ...tooMany },
  { id: 'out of memory', inject: state('53200'), ...away },
  {
    id: 'disk full',
    inject: state('53100'),
    expect: { status: 503, code: 'database.full' },
    rows: 0,
  },
  { id: 'read-only', inject: state('25006'), ...readOnly },
  { id: 'password changed', inject: state('28P01'), ...away },
  // What only a defect of ours brings about must not look like an outage.
  { id: 'a constraint', inject: state('23505'), ...defect },
  { id: 'a permission', inject: state('42501'), ...defect },
  { id: 'a statement', inject: state('42601'), ...defect },
]
