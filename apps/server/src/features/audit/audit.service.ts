import type { AuditEvent, AuditReport } from '@studioops/contracts/audit'
import { limits } from '@studioops/contracts/limits'
import type { Audit } from '../../platform/audit/audit.ts'
import { readAnchors } from '../../platform/audit/audit-anchors.ts'
import { verifyChain } from '../../platform/audit/audit-chain.ts'
import type { Database } from '../../platform/db/database.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import * as store from './audit.store.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  /** Where the anchors lie; absent where only the log has them. */
  readonly anchorFile: string | undefined
}

export type ExportForm = 'csv' | 'jsonl'

export type AuditService = ReturnType<typeof createAuditService>

const pageSize = 50
const exportBatch = 1_000

/** The audit log for those who run the workspace. */
export function createAuditService({ database, audit, anchorFile }: Dependencies) {
  const namesFor = async (userId: string) => {
    const people = await database.readAsUser(userId, store.findPeople)
    return new Map(people.map(({ id, display_name: name }) => [id, name]))
  }

  return {
    async list(
      userId: string,
      filter: store.AuditFilter,
      before: number = limits.auditSequenceMax,
    ) {
      const names = await namesFor(userId)
      const rows = await database.readAsUser(userId, (db) =>
        store.newestEvents(db, filter, { before, limit: pageSize + 1 }),
      )
      const shown = rows.slice(0, pageSize)
      const last = rows.length > pageSize ? shown.at(-1)?.sequence : undefined
      return {
        events: shown.map((row) => presentEvent(row, names)),
        ...(last === undefined ? {} : { before: last }),
      }
    },

    async people(userId: string) {
      const names = await namesFor(userId)
      return { people: [...names].map(([id, name]) => ({ id, name })) }
    },

    async verify(userId: string): Promise<AuditReport> {
      const anchors = anchorFile === undefined ? [] : await readAnchors(anchorFile)
      const report = await verifyChain(database, anchors)
      const facts = { whole: report.isWhole, checked: report.checked, breaks: report.breaks.length }
      await audit.record({ actorId: userId, action: 'audit.verify', outcome: 'done', facts })
      return report
    },

    /** Lines of the export, oldest first, as they are read; memory does not grow with the log. */
    async *lines(userId: string, filter: store.AuditFilter, form: ExportForm) {
      const names = await namesFor(userId)
      const write = form === 'csv' ? toCsv : toJsonLine
      if (form === 'csv') yield csvHead
      let after = 0
      for (;;) {
        const from = after
        const rows = await database.readAsUser(userId, (db) =>
          store.eventsAfter(db, filter, { after: from, limit: exportBatch }),
        )
        yield rows.map((row) => write(row, names)).join('')
        after = rows.at(-1)?.sequence ?? after
        if (rows.length < exportBatch) return
      }
    },

    noteExport: (userId: string, filter: store.AuditFilter, form: ExportForm) =>
      audit.record({
        actorId: userId,
        action: 'audit.export',
        outcome: 'done',
        facts: { ...withoutAbsent(filter), form },
      }),
  }
}

type Names = ReadonlyMap<string, string>

function presentEvent(row: store.EventRow, names: Names): AuditEvent {
  const target = row.target ?? undefined
  return withoutAbsent({
    sequence: row.sequence,
    at: row.at.toISOString(),
    actorId: row.actor_id,
    actorName: names.get(row.actor_id ?? ''),
    action: row.action,
    target,
    targetName: target?.startsWith('user:') ? names.get(target.slice(5)) : undefined,
    // The column's check constraint lists exactly these.
    outcome: row.outcome as AuditEvent['outcome'],
    requestId: row.request_id,
    address: row.address,
    facts: row.facts as AuditEvent['facts'],
  })
}

/** Everything that was hashed, so that the file can be verified by itself. */
function fieldsOf(row: store.EventRow, names: Names) {
  return {
    sequence: row.sequence,
    at: row.at.toISOString(),
    actor_id: row.actor_id,
    actor: names.get(row.actor_id ?? '') ?? null,
    action: row.action,
    target: row.target,
    outcome: row.outcome,
    request_id: row.request_id,
    address: row.address,
    facts: row.facts,
    previous: row.previous.toString('hex'),
    hash: row.hash.toString('hex'),
  }
}

function toJsonLine(row: store.EventRow, names: Names): string {
  return `${JSON.stringify(fieldsOf(row, names))}\n`
}

const columns = [
  'sequence',
  'at',
  'actor_id',
  'actor',
  'action',
  'target',
  'outcome',
  'request_id',
  'address',
  'facts',
  'previous',
  'hash',
] as const

/** With a byte order mark: spreadsheets take UTF-8 for something else without it. */
const csvHead = `\uFEFF${columns.join(',')}\r\n`

function toCsv(row: store.EventRow, names: Names): string {
  const fields = fieldsOf(row, names)
  return `${columns.map((name) => csvCell(fields[name])).join(',')}\r\n`
}

/** RFC 4180; a text that a spreadsheet would calculate is made a text by an apostrophe. */
function csvCell(value: unknown): string {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
