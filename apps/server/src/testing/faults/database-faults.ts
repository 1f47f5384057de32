/** What PostgreSQL says, and what becomes of it for whoever asked (reliability.md 5.3). */
export type DatabaseFault = {
  readonly id: string
  /** The SQLSTATE that the server answers with. */
  readonly sqlstate: string
  readonly expect: { readonly status: number; readonly code: string }
}

const away = { status: 503, code: 'database.unavailable' }
const defect = { status: 500, code: 'internal' }

export const databaseFaults: readonly DatabaseFault[] = [
  { id: 'ended in a transaction', sqlstate: '57P01', expect: away },
  { id: 'crashed beside us', sqlstate: '57P02', expect: away },
  { id: 'recovering', sqlstate: '57P03', expect: away },
  { id: 'cancelled, or too slow', sqlstate: '57014', expect: away },
  { id: 'connection lost', sqlstate: '08006', expect: away },
  { id: 'too many clients', sqlstate: '53300', expect: away },
  { id: 'out of memory', sqlstate: '53200', expect: away },
  { id: 'disk full', sqlstate: '53100', expect: away },
  { id: 'serialization failure', sqlstate: '40001', expect: away },
  { id: 'deadlock', sqlstate: '40P01', expect: away },
  { id: 'lock timeout', sqlstate: '55P03', expect: away },
  { id: 'read-only', sqlstate: '25006', expect: away },
  { id: 'password changed', sqlstate: '28P01', expect: away },
  // What only a defect of ours brings about must not look like an outage.
  { id: 'a constraint', sqlstate: '23505', expect: defect },
  { id: 'a permission', sqlstate: '42501', expect: defect },
  { id: 'a statement', sqlstate: '42601', expect: defect },
]
