/**
 * The token that proves to the server that a request comes from this page.
 *
 * @param cookies the text of `document.cookie`
 * @returns undefined before the server has given one. Never throws.
 */
export function csrfToken(cookies: string): string | undefined {
  const pairs = cookies.split(';').map((pair) => pair.trim().split('='))
  const found =
    pairs.find(([name]) => name === '__Host-so_csrf') ?? pairs.find(([name]) => name === 'so_csrf')
  const value = found?.slice(1).join('=')
  return value === undefined || value === '' ? undefined : decodeURIComponent(value)
}
