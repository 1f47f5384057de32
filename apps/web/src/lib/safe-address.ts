export type SafeAddress = {
  readonly href: string
  /** What a reader should know of it: the host, or whom a mail goes to. */
  readonly host: string
}

/**
 * Addresses that a stranger may have written and a person may click (SEC-6).
 *
 * @returns undefined for anything but `http:`, `https:` and `mailto:`, relative addresses included
 */
export function safeAddress(href: string): SafeAddress | undefined {
  const url = URL.parse(href)
  if (url === null) return undefined
  if (url.protocol === 'mailto:') return { href: url.href, host: url.pathname }
  return /^https?:$/.test(url.protocol) ? { href: url.href, host: url.host } : undefined
}
