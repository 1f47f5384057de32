import type { AuditAction, AuditOutcome } from '@studioops/contracts/audit'
import type { Database, Db } from '../db/database.ts'
import { currentContext } from '../log/log.ts'
import * as store from './audit.store.ts'

export type AuditEntry = {
  /** Who did it; absent where nobody is known, as at a sign-in that was refused. */
  readonly actorId?: string
  readonly action: AuditAction
  /** `<kind>:<id>`, such as `story:…`. Never a secret, never what somebody typed. */
  readonly target?: string
  readonly outcome: AuditOutcome
  /** Names, numbers and hashes; never a secret, never private content. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** The memory of who did what (SEC-7): rows can only be added, and each one seals those before it. */
export type Audit = {
  /**
   * Adds an entry with request id, address and time of the request that is being answered.
   *
   * @param within the transaction of the actor that does it, so that both happen or neither; as
   *   its last statement, because nobody else can add entries until it ends
   */
  record(entry: AuditEntry, within?: Db): Promise<void>
}

export function createAudit(database: Database): Audit {
  return {
    async record(entry, within) {
      const { correlationId, address } = currentContext() ?? {}
      const row = { ...entry, facts: shortened(entry.facts ?? {}), correlationId, address }
      const append = (db: Db) => store.appendEvent(db, row)
      if (within !== undefined) await append(within)
      else if (entry.actorId === undefined) await database.asVisitor(append)
      else await database.asUser(entry.actorId, append)
    },
  }
}

const factLengthMax = 200

function shortened(facts: NonNullable<AuditEntry['facts']>): NonNullable<AuditEntry['facts']> {
  const short = (value: string | number | boolean) =>
    typeof value === 'string' ? value.slice(0, factLengthMax) : value
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, short(value)]))
}
