type Reason = 'idle' | 'signed-out'

const publicPaths = [
  '/sign-in',
  '/register',
  '/register/local',
  '/invitation',
  '/reset',
  '/welcome',
]

/**
 * What the sign-in page needs to know when a session is over.
 *
 * @param href where the person is: path with search
 * @returns undefined on a page that needs no session. Never throws.
 */
export function signInSearch(
  href: string,
  reason: Reason | undefined,
): { next: string; reason?: Reason } | undefined {
  const path = href.split(/[?#]/)[0] ?? ''
  if (path === '/' || publicPaths.includes(path)) return undefined
  return reason === undefined ? { next: href } : { next: href, reason }
}
