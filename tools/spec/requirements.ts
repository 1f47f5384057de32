/** One row of docs/requirements.md. */
export type Requirement = {
  /** Such as `ID-4`. */
  readonly id: string
  /** The letters before the dash: `ID`. */
  readonly area: string
  /** The heading above the row. */
  readonly areaTitle: string
  readonly text: string
}

const heading = /^#+\s+(.+)$/
const row = /^\|\s*(([A-Z]+)-\d+)\s*\|\s*(.*?)\s*(?:(?<!\\)\||$)/

/**
 * Reads the tables of the requirements.
 *
 * @throws Error where one id stands twice, or where no row is found.
 */
export function readRequirements(markdown: string): Requirement[] {
  const requirements = new Map<string, Requirement>()
  let areaTitle = ''
  for (const line of markdown.split('\n')) {
    areaTitle = heading.exec(line)?.[1] ?? areaTitle
    const [, id, area, text] = row.exec(line) ?? []
    if (id === undefined || area === undefined || text === undefined) continue
    if (requirements.has(id)) throw new Error(`${id} stands twice in the requirements; remove one.`)
    requirements.set(id, { id, area, areaTitle, text })
  }
  if (requirements.size === 0)
    throw new Error('The requirements hold no table row that begins with an id such as `ID-4`.')
  return [...requirements.values()]
}
