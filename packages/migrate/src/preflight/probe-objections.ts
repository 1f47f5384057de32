import { objectTo, type Objection, type Reason } from '../objection.ts'
import { preflightReasons } from './preflight-reasons.ts'
import type { Probe, ProbeKind } from './probe.ts'

const reasons: Readonly<Record<ProbeKind, Reason>> = {
  'not-null': preflightReasons.nulls,
  'required-column': preflightReasons.requiredColumn,
  unique: preflightReasons.duplicates,
  'foreign-key': preflightReasons.orphans,
  check: preflightReasons.violated,
  domain: preflightReasons.violated,
  convert: preflightReasons.notConvertible,
  exclude: preflightReasons.overlaps,
  partition: preflightReasons.outsideBound,
  'default-partition': preflightReasons.insideDefault,
}

/** @param showsKeys whether the sentence may name a row */
export function objectToProbe(probe: Probe, showsKeys: boolean): Objection[] {
  if (probe.outcome.kind !== 'failed') return []
  const { key, sqlstate } = probe.outcome
  const named = Object.entries(key).map(([name, value]) => `${name} = ${value}`)
  return [
    objectTo(reasons[probe.kind], placeOf(probe), {
      key: showsKeys && named.length > 0 ? ` (${named.join(', ')})` : '',
      sqlstate: sqlstate ?? '22000',
      query: probe.query,
    }),
  ]
}

/** What the rows could not be asked about. Steps that depend on earlier ones are nobody's fault. */
export function warnAboutProbe(probe: Probe): Objection[] {
  const { outcome } = probe
  if (outcome.kind !== 'timed-out' && (outcome.kind !== 'skipped' || probe.query === '')) return []
  const detail = outcome.kind === 'skipped' ? outcome.because : 'it took too long'
  return [objectTo(preflightReasons.unproven, placeOf(probe), { detail, query: probe.query })]
}

function placeOf({ migration, statementNo, file, line, column, object }: Probe) {
  return { migration, statementNo, file, line, column, object }
}
