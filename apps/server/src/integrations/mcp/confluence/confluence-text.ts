import {
  type EditOutcome,
  type MarkupEdit,
  parseMarkdown,
  parseStorage,
  renderMarkdown,
  renderStorage,
} from '../../markup/markup.ts'
import { badArgument } from '../tool-refusal.ts'

/** The text of a page for a model: Markdown, or storage as Confluence holds it. */
export function textOf(storage: string, asMarkdown: boolean): string {
  return asMarkdown ? renderMarkdown(parseStorage(storage)) : storage
}

/** Storage format of what a caller wrote. Confluence itself checks storage that was given. */
export function storageOf(content: string, format: ContentFormat): string {
  return format === 'storage' ? content : renderStorage(parseMarkdown(content))
}

export const contentFormats = ['markdown', 'storage'] as const
export type ContentFormat = (typeof contentFormats)[number]

const words: Partial<Record<Extract<EditOutcome<string>, { kind: 'refused' }>['reason'], string>> =
  {
    'heading-not-found': 'the page has no such heading',
    'heading-not-unique': 'the page has this heading more than once',
    malformed: 'the page holds text that is not well-formed',
  }

/** @throws ToolRefusal that names what there is instead */
export function edited(outcome: EditOutcome<string>, argument: string): string {
  if (outcome.kind === 'edited') return outcome.source
  const reason = words[outcome.reason] ?? outcome.reason
  const there =
    outcome.candidates.length === 0 ? '' : ` There are: ${outcome.candidates.join(', ')}.`
  throw badArgument(argument, `${reason}.${there}`)
}

export function replaceSection(heading: string, content: string): MarkupEdit {
  return {
    kind: 'replace-section',
    heading: { text: heading },
    content: parseMarkdown(content),
  }
}

const linesMax = 2_000

/** Lines that went and came, each with its sign, and two lines around them. */
export function diffLines(before: string, after: string): string {
  const old = before.split('\n').slice(0, linesMax)
  const fresh = after.split('\n').slice(0, linesMax)
  const marked = markLines(old, fresh)
  const near = (index: number) =>
    marked.slice(Math.max(0, index - 2), index + 3).some((line) => !line.startsWith(' '))
  return marked.filter((_line, index) => near(index)).join('\n')
}

function markLines(old: readonly string[], fresh: readonly string[]): string[] {
  const lengths = commonLengths(old, fresh)
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0
  const marked: string[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      marked.push(` ${old[i]}`)
      i += 1
      j += 1
    } else if (j >= fresh.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) {
      marked.push(`-${old[i]}`)
      i += 1
    } else {
      marked.push(`+${fresh[j]}`)
      j += 1
    }
  }
  return marked
}

/** How many lines are alike from each pair of places on. */
function commonLengths(old: readonly string[], fresh: readonly string[]): Uint16Array[] {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1))
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      const [row, below] = [lengths[i], lengths[i + 1]]
      if (row === undefined || below === undefined) continue
      row[j] =
        old[i] === fresh[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  return lengths
}
