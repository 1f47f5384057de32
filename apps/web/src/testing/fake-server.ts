export type SentRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

/** Answers by method and path below `/api`: `{ 'GET /session': () => ({ … }) }`; a `Response` goes out as it is. */
export type Answers = Readonly<Record<string, (request: SentRequest) => unknown>>

export type FakeServer = {
  readonly send: typeof fetch
  /** Everything that was asked, oldest first. */
  readonly requests: readonly SentRequest[]
}

/** A `fetch` that answers from a table; what stands not in it cannot be reached. */
export function fakeServer(answers: Answers): FakeServer {
  const requests: SentRequest[] = []
  return {
    requests,
    send: async (input, init) => {
      const request = readRequest(new URL(input as string, 'http://localhost'), init)
      requests.push(request)
      const answer = answers[`${request.method} ${request.path.split('?')[0]}`]
      if (answer === undefined) throw new TypeError(`nobody answers ${request.path}`)
      const reply = await answer(request)
      return reply instanceof Response ? reply : Response.json(reply)
    },
  }
}

function readRequest({ pathname, search }: URL, init: RequestInit | undefined): SentRequest {
  return {
    method: init?.method ?? 'GET',
    path: pathname.replace(/^\/api/, '') + search,
    headers: new Headers(init?.headers),
    body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
  }
}
