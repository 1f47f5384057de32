/**
 * Whether a version satisfies a range in the part of npm's grammar that `engines` uses:
 * comparators joined by spaces (and) and by `||` (or). Pre-releases count as their release.
 *
 * @param {string} version such as `24.21.0`
 * @param {string} range such as `>=24.18 <25 || >=26.4`
 */
export function satisfies(version, range) {
  return range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+/)
      .every((comparator) => holds(version, comparator)),
  )
}

function holds(version, comparator) {
  const [, sign, wanted] = /^(>=|<=|>|<|=)?v?([\d.]+)$/.exec(comparator) ?? []
  if (wanted === undefined) throw new TypeError(`cannot read the version range "${comparator}"`)
  const difference = compare(version, wanted)
  switch (sign) {
    case '>=':
      return difference >= 0
    case '<=':
      return difference <= 0
    case '>':
      return difference > 0
    case '<':
      return difference < 0
    default:
      return difference === 0
  }
}

function compare(left, right) {
  const [a, b] = [left, right].map((text) => text.split(/[.-]/).slice(0, 3).map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
