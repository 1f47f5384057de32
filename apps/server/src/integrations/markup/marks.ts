import type { Mark } from './document.ts'

/** From the outside in. */
export const markOrder: readonly Mark['type'][] = [
  'foreign',
  'link',
  'color',
  'background',
  'strong',
  'emphasis',
  'strike',
  'underline',
  'superscript',
  'subscript',
  'code',
]

export function sortMarks(marks: readonly Mark[]): Mark[] {
  if (marks.length < 2) return [...marks]
  const seen = new Set<string>()
  return marks
    .filter((mark) => {
      const key = mark.type === 'foreign' ? mark.source : mark.type
      return !seen.has(key) && seen.add(key)
    })
    .toSorted((a, b) => markOrder.indexOf(a.type) - markOrder.indexOf(b.type))
}

export function markKey(mark: Mark): string {
  switch (mark.type) {
    case 'link':
      return `link ${mark.href}\n${mark.title ?? ''}`
    case 'color':
    case 'background':
      return `${mark.type} ${mark.color}`
    case 'foreign':
      return `${mark.format} ${mark.source}`
    default:
      return mark.type
  }
}

export function sameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  return (
    a.length === b.length &&
    a.every((mark, index) => {
      const other = b[index]
      return other !== undefined && markKey(mark) === markKey(other)
    })
  )
}
