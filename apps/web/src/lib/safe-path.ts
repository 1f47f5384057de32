/**
 * The page to go to after signing in, if it is one of ours.
 *
 * @param next what stands in the address; may come from anybody
 * @returns a path of this site that begins with one slash, else undefined. Never throws.
 */
export function safePath(next: string | undefined): string | undefined {
  if (next === undefined || !next.startsWith('/')) return undefined
  if (!URL.canParse(next, 'http://here.invalid')) return undefined
  const { origin, pathname, search, hash } = new URL(next, 'http://here.invalid')
  // `/.//host` is normalised to `//host`, which would be another site.
  if (origin !== 'http://here.invalid' || pathname.startsWith('//')) return undefined
  if (pathname.startsWith('/sign-in')) return undefined
  return `${pathname}${search}${hash}`
}
