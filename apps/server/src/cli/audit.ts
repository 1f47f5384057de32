import { parseArgs } from 'node:util'
import type { AuditReport } from '@studioops/contracts/audit'
import { closeBefore, verifyArchive, type ArchivePart } from '../platform/audit/audit-archive.ts'
import { anchorFileOf, readAnchors } from '../platform/audit/audit-anchors.ts'
import { verifyChain } from '../platform/audit/audit-chain.ts'
import type { Database } from '../platform/db/database.ts'
import type { Terminal } from './keys.ts'

export const auditManual = `Usage: studioops audit <command>

Commands:
  verify [--anchors <file>] [--json]  recalculates the chain of hashes, and compares it with the
                                      places that were kept outside; a log of the server will do too.
                                      Files of closed parts that are still here are calculated as well
  close --before <date>               keeps older entries in a file of the data directory and takes
                                      them out of the database; the chain goes on from their last hash.
                                      The server does the same with AUDIT_RETENTION_DAYS

What was cut off the end, or rewritten whole by whoever owns the database, is found by the anchors
only: the log of the server has one every hour. Keep that log elsewhere.

Exit codes: 0 whole, 1 broken, 3 not understood, 4 failed.
`

type Work = {
  readonly config: { readonly dataDirectory: string }
  readonly openDatabase: () => Promise<Database>
  readonly terminal: Terminal
}

/** @returns the exit code */
export async function runAudit(args: readonly string[], work: Work): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      anchors: { type: 'string' },
      before: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command] = positionals
  if (command === 'verify')
    return verify(work, { file: values.anchors, asJson: values.json === true })
  if (command === 'close' && !Number.isNaN(Date.parse(values.before ?? '')))
    return close(work, new Date(values.before ?? ''))
  ;(values.help === true ? work.terminal.out : work.terminal.tell)(auditManual)
  return values.help === true ? 0 : 3
}

async function verify(
  { config, openDatabase, terminal }: Work,
  { file, asJson }: { file: string | undefined; asJson: boolean },
): Promise<number> {
  const anchors = await readAnchors(file ?? anchorFileOf(config.dataDirectory))
  const database = await openDatabase()
  const report = await verifyChain(database, anchors)
  const archive = await verifyArchive(database, config.dataDirectory)
  if (asJson) terminal.out(`${JSON.stringify({ ...report, archive }, undefined, 2)}\n`)
  else
    for (const line of [...archive.map(describePart), ...describe(report)])
      terminal.out(`${line}\n`)
  return report.isWhole && archive.every(({ isWhole }) => isWhole) ? 0 : 1
}

function describePart({ file, first, last, isWhole }: ArchivePart): string {
  return isWhole
    ? `Entries ${first} to ${last} in ${file} are as they were sealed.`
    : `Entries ${first} to ${last} in ${file} are not as they were sealed.`
}

const sentences: Record<AuditReport['breaks'][number]['kind'], string> = {
  edited: 'was changed after it was written',
  missing: 'is missing',
  unlinked: 'does not seal the entry before it',
  'cut-start': 'and what followed it was cut off the beginning',
  'cut-end': 'and what followed it was cut off the end',
  rewritten: 'is not the one that was there when its place was kept outside',
  segment: 'ends a closed part that the chain does not know',
}

function describe({ isWhole, checked, breaks, segments, anchors, last }: AuditReport): string[] {
  return [
    `${checked} entries, ${segments} closed parts, ${anchors} anchors compared`,
    ...breaks.map(({ kind, sequence }) => `Entry ${sequence} ${sentences[kind]}.`),
    isWhole
      ? `The chain is whole up to entry ${last.sequence}, ${last.hash}.`
      : 'The chain is broken.',
  ]
}

async function close({ config, openDatabase, terminal }: Work, before: Date): Promise<number> {
  const database = await openDatabase()
  const { dataDirectory } = config
  for (;;) {
    const done = await closeBefore({ database, dataDirectory, before })
    if (done.kind === 'broken') {
      terminal.tell('The chain is broken; nothing was closed. See: studioops audit verify\n')
      return 1
    }
    if (done.kind === 'nothing') {
      terminal.out(`Nothing is older than ${before.toISOString()}.\n`)
      return 0
    }
    terminal.out(`${done.events} entries lie in ${done.file} now.\n`)
    if (!done.hasMore) return 0
  }
}
