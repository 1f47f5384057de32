/** Something outside that a person pasted the address of, as a call that reads it. */
export type LinkedItem = {
  readonly server: 'jira' | 'confluence' | 'trello'
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly url: string
}

const linksMax = 5
const address = /https?:\/\/[^\s<>"'\])]+/g

type Reader = (url: URL) => Omit<LinkedItem, 'url'> | undefined

const readers: readonly Reader[] = [
  ({ pathname }) => {
    const key = /\/browse\/([A-Z][A-Z0-9_]*-\d+)/.exec(pathname)?.[1]
    return key === undefined
      ? undefined
      : { server: 'jira', tool: 'jira_get_issue', args: { issue_key: key } }
  },
  ({ pathname, searchParams }) => {
    const id = /\/pages\/(\d+)/.exec(pathname)?.[1] ?? searchParams.get('pageId') ?? undefined
    return id === undefined || !/^\d+$/.test(id)
      ? undefined
      : { server: 'confluence', tool: 'confluence_get_page', args: { page_id: id } }
  },
  ({ pathname }) => {
    const id = /\/c\/([0-9A-Za-z]{8,24})/.exec(pathname)?.[1]
    return id === undefined
      ? undefined
      : { server: 'trello', tool: 'get_card', args: { cardId: id } }
  },
]

/** Issues, pages and cards whose address stands in the question, each once. */
export function linkedItems(question: string): LinkedItem[] {
  const found = new Map<string, LinkedItem>()
  for (const [text] of question.matchAll(address)) {
    const url = URL.parse(text)
    const item = url === null ? undefined : readers.map((read) => read(url)).find((one) => one)
    if (item !== undefined) found.set(JSON.stringify(item.args), { ...item, url: text })
  }
  return [...found.values()].slice(0, linksMax)
}
