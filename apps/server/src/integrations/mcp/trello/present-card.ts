import type {
  TrelloAction,
  TrelloCard,
  TrelloCustomField,
  TrelloPosition,
} from '../../trello/trello-client.ts'
import type { z } from 'zod'
import type { cardResult, wholeCardResult } from './trello-tool-shapes.ts'

export function presentCard(card: TrelloCard): z.input<typeof cardResult> {
  const { badges, shortUrl, url } = card
  return {
    ...card,
    url: shortUrl === '' ? url : shortUrl,
    comments: badges.comments,
    attachmentCount: badges.attachments,
    checkItems: badges.checkItems,
    checkItemsChecked: badges.checkItemsChecked,
  }
}

export function presentWholeCard(
  card: TrelloCard,
  wantsMarkdown: boolean,
): z.input<typeof wholeCardResult> {
  const { checklists = [], attachments = [], members = [], customFieldItems = [] } = card
  const whole = { checklists, attachments, members, customFieldItems }
  return {
    ...presentCard(card),
    ...whole,
    ...(wantsMarkdown && { markdown: toMarkdown({ ...card, ...whole }) }),
  }
}

type Parts = 'checklists' | 'members' | 'attachments'
type WholeCard = Omit<TrelloCard, Parts> & {
  readonly [Part in Parts]: NonNullable<TrelloCard[Part]>
}

function toMarkdown({ name, desc, due, labels, checklists, members, attachments }: WholeCard) {
  const facts = [
    due === undefined ? undefined : `**Due:** ${due}`,
    labels.length > 0 ? `**Labels:** ${labels.map((one) => one.name || one.color).join(', ')}` : '',
    members.length > 0 ? `**Members:** ${members.map(({ fullName }) => fullName).join(', ')}` : '',
  ].filter((line) => line !== undefined && line !== '')
  const lists = checklists.map(
    (list) =>
      `## ${list.name}\n\n${list.checkItems
        .map((item) => `- [${item.state === 'complete' ? 'x' : ' '}] ${item.name}`)
        .join('\n')}`,
  )
  const files = attachments.map((file) => `- [${file.name}](${file.url})`)
  const parts = [
    `# ${name}`,
    facts.join('\n'),
    desc,
    ...lists,
    files.length > 0 ? `## Attachments\n\n${files.join('\n')}` : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

export function presentComment({ id, date, data, memberCreator }: TrelloAction) {
  const text = data['text']
  return {
    id,
    date,
    text: typeof text === 'string' ? text : '',
    author: memberCreator?.fullName ?? '',
  }
}

export function presentAction({ id, type, date, data, memberCreator }: TrelloAction) {
  return { id, type, date, data, author: memberCreator?.fullName ?? '' }
}

export function presentField({ id, name, type, options }: TrelloCustomField) {
  return {
    id,
    name,
    type,
    ...(options !== undefined && {
      options: options.map((option) => ({ id: option.id, text: option.value.text })),
    }),
  }
}

export function toPosition(text: string | undefined): TrelloPosition | undefined {
  if (text === undefined || text === 'top' || text === 'bottom') return text
  return Number(text)
}
