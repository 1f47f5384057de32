import type { Board, BoardCard, BoardComment, BoardSummary } from '@studioops/contracts/boards'
import type {
  TrelloAction,
  TrelloBoard,
  TrelloCard,
  TrelloChecklist,
  TrelloWholeBoard,
} from '../../integrations/trello/trello-client.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'

const markLine = /\n*\bso-[a-z2-7]{10}\s*$/

/** Without the line by which we find our own cards again. */
export function withoutMark(desc: string): string {
  return desc.replace(markLine, '')
}

/** The description with the mark as its last line. */
export function withMark(desc: string, marker: string): string {
  return desc.trim() === '' ? marker : `${desc.trimEnd()}\n\n${marker}`
}

export function presentSummary({ id, name, desc, url, shortUrl }: TrelloBoard): BoardSummary {
  return { id, name, desc, url: shortUrl === '' ? url : shortUrl }
}

export function presentBoard(whole: TrelloWholeBoard): Board {
  const byCard = Map.groupBy(whole.checklists, ({ idCard }) => idCard)
  return {
    ...presentSummary(whole),
    lists: whole.lists.toSorted((a, b) => a.pos - b.pos).map(({ id, name }) => ({ id, name })),
    cards: whole.cards
      .toSorted((a, b) => a.pos - b.pos)
      .map((card) => presentCard(card, byCard.get(card.id) ?? [])),
    labels: whole.labels.map(({ id, name, color }) => ({ id, name, ...withoutAbsent({ color }) })),
    members: whole.members.map(({ id, fullName, username }) => ({
      id,
      name: fullName === '' ? username : fullName,
    })),
  }
}

function presentCard(card: TrelloCard, checklists: readonly TrelloChecklist[]): BoardCard {
  const { id, idList, name, desc, pos, dueComplete, idMembers, labels, badges } = card
  return {
    id,
    listId: idList,
    name,
    desc: withoutMark(desc),
    pos,
    ...withoutAbsent({ due: isoOf(card.due) }),
    isDueDone: dueComplete,
    memberIds: idMembers,
    labelIds: labels.map((label) => label.id),
    checklists: checklists
      .toSorted((a, b) => a.pos - b.pos)
      .map((list) => ({
        id: list.id,
        name: list.name,
        items: list.checkItems
          .toSorted((a, b) => a.pos - b.pos)
          .map((item) => ({ id: item.id, name: item.name, isDone: item.state === 'complete' })),
      })),
    commentCount: badges.comments,
    attachmentCount: badges.attachments,
    url: card.shortUrl === '' ? card.url : card.shortUrl,
  }
}

export function presentComment({ id, date, data, memberCreator }: TrelloAction): BoardComment {
  const text = data['text']
  return {
    id,
    author: memberCreator?.fullName ?? '',
    text: typeof text === 'string' ? text : '',
    at: isoOf(date) ?? new Date(0).toISOString(),
  }
}

function isoOf(text: string | undefined): string | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
