import type { Inline, Mark } from './document.ts'
import { markKey } from './marks.ts'

/** Texts with marks as a tree of marks, for formats whose marks enclose. */
export type InlineTree =
  | { readonly kind: 'leaf'; readonly inline: Inline }
  | { readonly kind: 'mark'; readonly mark: Mark; readonly children: readonly InlineTree[] }

/** @param content normal: marks stand from the outside in */
export function inlineTree(content: readonly Inline[]): InlineTree[] {
  return level(content, 0)
}

function level(content: readonly Inline[], depth: number): InlineTree[] {
  const result: InlineTree[] = []
  let index = 0
  while (index < content.length) {
    const inline = content[index]
    if (inline === undefined) break
    const mark = inline.type === 'text' ? inline.marks[depth] : undefined
    if (mark === undefined) {
      result.push({ kind: 'leaf', inline })
      index += 1
      continue
    }
    const end = runEnd(content, index, { depth, key: markKey(mark) })
    result.push({ kind: 'mark', mark, children: level(content.slice(index, end), depth + 1) })
    index = end
  }
  return result
}

function runEnd(
  content: readonly Inline[],
  start: number,
  { depth, key }: { readonly depth: number; readonly key: string },
): number {
  let end = start + 1
  while (end < content.length) {
    const inline = content[end]
    const mark = inline?.type === 'text' ? inline.marks[depth] : undefined
    if (mark === undefined || markKey(mark) !== key) break
    end += 1
  }
  return end
}
