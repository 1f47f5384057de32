/** The limits of Trello ([rate limits](https://developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits/)). */
export type TrelloRates = {
  /** Requests of one key in ten seconds. */
  readonly key: number
  /** Requests of one token in ten seconds. */
  readonly token: number
  /** Requests below `/1/members/` in 900 seconds. */
  readonly members: number
  /** Refusals of one key in ten seconds, after which everything of it is refused. */
  readonly refusals: number
}

export const vendorRates: TrelloRates = { key: 300, token: 100, members: 100, refusals: 200 }

const windowMs = 10_000
const membersWindowMs = 900_000

export type RateVerdict = 'API_KEY_LIMIT_EXCEEDED' | 'API_TOKEN_LIMIT_EXCEEDED' | undefined

/** Counts requests in sliding windows; every request counts, a refused one too. */
export function createRates(rates: TrelloRates, clock: () => number) {
  const recent = new Map<string, number[]>()

  function count(name: string, withinMs: number): number {
    const now = clock()
    const times = (recent.get(name) ?? []).filter((time) => now - time < withinMs)
    recent.set(name, [...times, now])
    return times.length
  }

  function peek(name: string): number {
    const now = clock()
    return (recent.get(name) ?? []).filter((time) => now - time < windowMs).length
  }

  function judge(key: string, token: string, path: string): RateVerdict {
    if (peek(`refused ${key}`) > rates.refusals) return 'API_KEY_LIMIT_EXCEEDED'
    const ofKey = count(`key ${key}`, windowMs)
    const ofToken = count(`token ${token}`, windowMs)
    const isOfMembers = path.startsWith('/1/members/')
    const ofMembers = isOfMembers ? count(`members ${token}`, membersWindowMs) : 0
    if (ofKey >= rates.key) return 'API_KEY_LIMIT_EXCEEDED'
    const isOver = ofToken >= rates.token || ofMembers >= rates.members
    return isOver ? 'API_TOKEN_LIMIT_EXCEEDED' : undefined
  }

  return {
    judge(key: string, token: string, path: string): RateVerdict {
      const verdict = judge(key, token, path)
      if (verdict !== undefined) count(`refused ${key}`, windowMs)
      return verdict
    },
  }
}
