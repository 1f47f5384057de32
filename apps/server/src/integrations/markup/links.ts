const absolute: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:'])

/** The only links that leave a page by our hand; scripts, files and data never do. */
export function isAbsolute(href: string): boolean {
  return !/[\s\p{Cc}]/u.test(href) && absolute.has(URL.parse(href)?.protocol ?? '')
}

/** A link of a document that is safe to keep: absolute, or a path or anchor of the same site. */
export function isSafeLink(href: string): boolean {
  if (isAbsolute(href)) return true
  return /^(?:\/(?!\/)|#|\?|\.\.?\/)[^\s\p{Cc}]*$/u.test(href)
}

/** What Jira makes a link of by itself, where a text begins with it. */
export function addressAtStart(words: string): string | undefined {
  const found = /^https?:\/\/[^\s"'<>|[\]{}^`\\!*]{1,2000}/i.exec(words)
  const href = found?.[0].replace(/[.,;:?)]{1,20}$/, '') ?? ''
  return isAbsolute(href) ? href : undefined
}
