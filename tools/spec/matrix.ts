import type { Requirement } from './requirements.ts'
import type { Proof } from './test-titles.ts'

export type Row = Requirement & { readonly proofs: readonly Proof[] }

export type Area = {
  readonly area: string
  readonly title: string
  readonly done: boolean
  readonly proven: number
  readonly rows: readonly Row[]
}

export type Matrix = {
  readonly areas: readonly Area[]
  /** Sentences; empty when all is well. */
  readonly problems: readonly string[]
}

type Input = {
  readonly requirements: readonly Requirement[]
  readonly proofs: readonly Proof[]
  /** Areas, such as `ID`, in which every id must have a test. */
  readonly done: readonly string[]
}

/** Puts each requirement beside the tests that prove it, and says what is wrong. Never throws. */
export function buildMatrix({ requirements, proofs, done }: Input): Matrix {
  const byId = Map.groupBy(proofs, ({ id }) => id)
  const rows = requirements.map((row) => ({ ...row, proofs: byId.get(row.id) ?? [] }))
  const areas = [...Map.groupBy(rows, ({ area }) => area)].map(([area, own]) => ({
    area,
    title: own[0]?.areaTitle ?? area,
    done: done.includes(area),
    proven: own.filter((row) => row.proofs.length > 0).length,
    rows: own,
  }))
  const known = new Set(requirements.map(({ id }) => id))
  return {
    areas,
    problems: [
      ...done.filter((area) => !areas.some((one) => one.area === area)).map(explainArea),
      ...areas.filter((area) => area.done).flatMap(({ rows: own }) => own.flatMap(explainGap)),
      ...proofs.filter(({ id }) => !known.has(id)).map(explainUnknown),
    ],
  }
}

function explainArea(area: string): string {
  return `${area} is declared done, but no requirement begins with it; correct the list.`
}

function explainGap({ id, area, text, proofs }: Row): string[] {
  if (proofs.length > 0) return []
  return [`${id} has no test, but ${area} is declared done; prove: ${text}`]
}

function explainUnknown({ id, file, title }: Proof): string {
  return `${id} is no requirement; correct the title "${title}" in ${file}.`
}
