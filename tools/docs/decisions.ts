/** A file of docs/decisions. */
export type Decision = { readonly name: string; readonly text: string }

/**
 * docs/decisions/README.md: the list, by number.
 *
 * @throws Error naming the file that has no title, no number or the number of another.
 */
export function renderDecisions(decisions: readonly Decision[]): string {
  const sorted = decisions.toSorted((a, b) => a.name.localeCompare(b.name))
  const numbers = sorted.map(({ name }) => numberOf(name))
  const twice = sorted.find((_, index) => numbers.indexOf(numbers[index] ?? '') !== index)
  if (twice !== undefined)
    throw new Error(`${twice.name} has a number that is taken; take the next.`)
  return `# Decisions

The list is written by \`npm run docs\`. A decision is never rewritten: a later one replaces it and says so.

${sorted.map((decision) => `- [${numberOf(decision.name)}](${decision.name}) ${titleOf(decision)}`).join('\n')}
`
}

function numberOf(name: string): string {
  const number = /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]
  if (number === undefined) throw new Error(`${name} must be called like 0007-short-title.md.`)
  return number
}

function titleOf({ name, text }: Decision): string {
  const title = /^# (?:\d{4}[:.]? )?(.+)$/m.exec(text)?.[1]
  if (title === undefined) throw new Error(`${name} must begin with a title: # What was decided`)
  return title
}
