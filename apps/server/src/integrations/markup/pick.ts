import type { EditRefusal } from './edits.ts'

/** A way to say that an edit cannot be made, and what there is instead. */
export type Refusal = {
  readonly kind: 'refused'
  readonly reason: EditRefusal
  readonly candidates: readonly string[]
}

const candidatesMax = 50

export function refuse(reason: EditRefusal, candidates: readonly string[] = []): Refusal {
  return { kind: 'refused', reason, candidates: candidates.slice(0, candidatesMax) }
}

type Choice<Item> = {
  readonly found: readonly Item[]
  readonly occurrence: number | undefined
  readonly missing: EditRefusal
  readonly several: EditRefusal
  readonly candidates: readonly string[]
}

/** The one that is meant: the only one, or the one of that number. */
export function pick<Item extends object>(choice: Choice<Item>): Item | Refusal {
  const { found, occurrence, missing, several, candidates } = choice
  if (found.length > 1 && occurrence === undefined) return refuse(several, candidates)
  return found[occurrence ?? 0] ?? refuse(missing, candidates)
}

/** A task by its words, or by its number on the page. */
export function pickTask<Item extends object>(
  tasks: readonly Item[],
  task: string | number,
  wordsOf: (item: Item) => string,
): Item | Refusal {
  const isNumber = typeof task === 'number'
  return pick({
    found: isNumber ? tasks : tasks.filter((item) => sameWords(wordsOf(item), task)),
    occurrence: isNumber ? task : undefined,
    missing: 'task-not-found',
    several: 'task-not-unique',
    candidates: tasks.map((item) => squeezed(wordsOf(item))),
  })
}

export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refused'
}

/** Words as a person compares them. */
export function sameWords(a: string, b: string): boolean {
  return squeezed(a) === squeezed(b)
}

export function squeezed(words: string): string {
  return words.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
}
