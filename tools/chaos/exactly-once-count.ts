import { issuesWith, type Outside } from './outside-process.ts'

export type Standing = {
  /** How often something with this sign stands there: a marker, a title of a page. */
  standing(sign: string): number
  readonly total: number
}

/** What was really created, by the counters of the systems themselves. */
export async function countStanding({ counters }: Outside): Promise<Standing> {
  const jiras = await Promise.all([counters('jira'), counters('cloud')])
  const wikis = await Promise.all([counters('confluence'), counters('wiki')])
  const trello = await counters('trello')
  const sum = (numbers: readonly (number | undefined)[]) =>
    numbers.reduce<number>((total, each = 0) => total + each, 0)
  const parts = ['createCard', 'commentCard', 'addChecklistToCard']
  return {
    standing: (sign) =>
      sum([
        ...jiras.map((each) => issuesWith(sign, each)),
        ...wikis.map(({ effects }) => effects.createsByTitle[sign]),
        trello.byDescriptionMarker[sign],
        trello.byTextMarker[sign],
      ]),
    total: sum([
      ...jiras.map(({ creates }) => creates.total),
      ...wikis.map(({ effects }) => effects.creates),
      ...parts.map((part) => trello.effects[part]),
    ]),
  }
}
