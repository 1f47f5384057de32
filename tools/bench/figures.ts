/** Values of several rounds, in any order. */
export type Rounds = readonly number[]

/** @returns the value below which `share` of all lie; 0 of none */
export function quantile(values: Rounds, share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export function median(values: Rounds): number {
  return quantile(values, 0.5)
}

/** Round by round, so that what disturbed one round disturbs both of its sides. */
export function ratios(ours: Rounds, limit: Rounds): number[] {
  return ours.map((value, round) => value / (limit[round] ?? Number.NaN))
}

/** `median (min..max)` */
export function spread(values: Rounds, digits = 0): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const shown = (value: number) => value.toFixed(digits)
  return `${shown(median(values))} (${shown(low)}..${shown(high)})`
}

/** One line of the table. Without an aim it is there to be looked at. */
export type Line = {
  readonly bench: string
  readonly what: string
  readonly value: string
  readonly aim?: { readonly text: string; readonly isMet: boolean }
}

export function atMost(
  value: number,
  bound: number,
  unit = '',
): { readonly text: string; readonly isMet: boolean } {
  return { text: `≤ ${bound}${unit}`, isMet: value <= bound }
}

export function table(lines: readonly Line[]): string {
  const rows = [
    ['bench', 'what', 'median (min..max)', 'aim', ''],
    ...lines.map(({ bench, what, value, aim }) => [
      bench,
      what,
      value,
      aim?.text ?? '',
      aim === undefined ? '' : aim.isMet ? 'met' : 'NOT MET',
    ]),
  ]
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
