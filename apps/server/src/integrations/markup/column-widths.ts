import type { Layout } from './document.ts'

/** The layouts of Confluence (`ac:type` of `ac:layout-section`) and the percent of their columns. */
export const layoutTypes: readonly (readonly [type: string, widths: readonly number[]])[] = [
  ['two_equal', [50, 50]],
  ['two_left_sidebar', [33.33, 66.66]],
  ['two_right_sidebar', [66.66, 33.33]],
  ['three_equal', [33.33, 33.33, 33.33]],
  ['three_with_sidebars', [25, 50, 25]],
]

/** The widths of the nearest layout that Confluence has; undefined for a number of columns it has not. */
export function columnWidths({ columns }: Layout): readonly number[] | undefined {
  const distance = (widths: readonly number[]) =>
    widths.reduce((sum, width, index) => sum + Math.abs(width - (columns[index]?.width ?? 0)), 0)
  return layoutTypes
    .map(([, widths]) => widths)
    .filter((widths) => widths.length === columns.length)
    .toSorted((a, b) => distance(a) - distance(b))[0]
}
