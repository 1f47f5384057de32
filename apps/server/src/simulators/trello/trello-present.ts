import type {
  ActionRow,
  BoardRow,
  CardRow,
  ChecklistRow,
  CustomFieldRow,
  ListRow,
  TrelloState,
} from './trello-state.ts'
import type { TrelloMember } from './trello-simulator.ts'

type Fields = Readonly<Record<string, unknown>>

/** `fields` of a query; the id is always there. */
export function chosen(value: Fields, fields: string | undefined): Fields {
  if (fields === undefined || fields === '' || fields === 'all') return value
  const wanted = new Set(['id', ...fields.split(',')])
  return Object.fromEntries(Object.entries(value).filter(([name]) => wanted.has(name)))
}

/** The shapes in which Trello sends what it keeps. */
export function createPresent(
  state: () => TrelloState,
  members: readonly TrelloMember[],
  publicUrl: string,
) {
  const memberOf = (id: string) => members.find((one) => one.id === id)

  const label = ({ id, idBoard, name, color }: TrelloState['labels'][number]) => ({
    id,
    idBoard,
    name,
    color,
    uses: state().cards.filter(({ idLabels }) => idLabels.includes(id)).length,
  })

  const publicMember = (id: string) => {
    const member = memberOf(id)
    const { username = 'gone', fullName = 'Gone' } = member ?? {}
    return { id, username, fullName, initials: fullName.slice(0, 2) }
  }

  const attachment = (card: CardRow, one: CardRow['attachments'][number]) => {
    const { content, ...rest } = one
    const isUpload = content !== undefined
    const own = `${publicUrl}/1/cards/${card.id}/attachments/${one.id}/download/`
    return {
      ...rest,
      isUpload,
      pos: 0,
      previews: [],
      url: isUpload ? `${own}${encodeURIComponent(one.name)}` : one.url,
    }
  }

  const badges = (card: CardRow) => {
    const items = state()
      .checklists.filter(({ idCard }) => idCard === card.id)
      .flatMap(({ checkItems }) => checkItems)
    return {
      attachments: card.attachments.length,
      checkItems: items.length,
      checkItemsChecked: items.filter((item) => item.state === 'complete').length,
      comments: state().actions.filter(
        ({ type, idCard }) => type === 'commentCard' && idCard === card.id,
      ).length,
      description: card.desc !== '',
      due: card.due,
      dueComplete: card.dueComplete,
      start: card.start,
      votes: 0,
    }
  }

  const card = (row: CardRow, viewerId: string) => {
    const { attachments: _, customFieldItems: __, watchers, ...plain } = row
    const url = `https://trello.com/c/${row.shortLink}`
    return {
      ...plain,
      badges: badges(row),
      checkItemStates: [],
      idChecklists: state()
        .checklists.filter(({ idCard }) => idCard === row.id)
        .map(({ id }) => id),
      idMembersVoted: [],
      labels: row.idLabels.flatMap((id) => {
        const found = state().labels.find((one) => one.id === id)
        return found === undefined ? [] : [label(found)]
      }),
      shortUrl: url,
      url: `${url}/${row.idShort}-card`,
      subscribed: watchers.includes(viewerId),
    }
  }

  return {
    label,
    card,
    publicMember,
    attachment,

    board(row: BoardRow) {
      const { idMembers: _, idOrganization, ...plain } = row
      const url = `https://trello.com/b/${row.shortLink}`
      return {
        ...plain,
        ...(idOrganization === null ? {} : { idOrganization }),
        shortUrl: url,
        url: `${url}/board`,
        pinned: false,
        starred: false,
      }
    },

    list({ watchers, ...row }: ListRow, viewerId: string) {
      return { ...row, subscribed: watchers.includes(viewerId) }
    },

    checklist: (row: ChecklistRow) => ({
      ...row,
      checkItems: row.checkItems.map((item) => ({ ...item, idChecklist: row.id })),
    }),

    customField({ name, type, pos, options, id, idModel }: CustomFieldRow) {
      return {
        id,
        idModel,
        modelType: 'board',
        name,
        type,
        pos,
        display: { cardFront: true },
        ...(type === 'list' && {
          options: options.map((option) => ({ ...option, idCustomField: id })),
        }),
      }
    },

    action(row: ActionRow) {
      const { idBoard: _, idCard: __, ...plain } = row
      return { ...plain, memberCreator: publicMember(row.idMemberCreator) }
    },
  }
}

export type Present = ReturnType<typeof createPresent>
