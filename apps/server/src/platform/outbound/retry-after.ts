const floorMs = 200
const capMs = 60_000

/**
 * How long a vendor asks us to wait after a refusal. Zero and negative values are raised to 200 ms,
 * because a gateway that answers 0 means "again at once" to a naive client; beyond 60 s is 60 s.
 *
 * @param header the `Retry-After` field: whole seconds or an HTTP date (RFC 9110 §10.2.3)
 * @param now milliseconds since 1970, UTC
 * @returns milliseconds, 200 to 60 000; undefined when the field is absent or unreadable. Never throws.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  const waitMs = /^-?\d+$/.test(text) ? Number(text) * 1000 : untilDate(text, now)
  return waitMs === undefined ? undefined : Math.min(capMs, Math.max(floorMs, waitMs))
}

function untilDate(text: string, now: number): number | undefined {
  // `Date.parse` also reads lone numbers and words; every HTTP date begins with the name of a day.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : date - now
}
