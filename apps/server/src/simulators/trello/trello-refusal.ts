/** Trello's own refusals: a status and plain text. */
export class TrelloRefusal extends Error {
  override readonly name = 'TrelloRefusal'
  readonly status: number

  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

export const notFound = () => new TrelloRefusal(404, 'The requested resource was not found.')
export const invalidId = () => new TrelloRefusal(400, 'invalid id')
export const unauthorized = () => new TrelloRefusal(401, 'unauthorized permission requested')
export const invalidValue = (name: string) => new TrelloRefusal(400, `invalid value for ${name}`)
