import { withoutBidiControls } from '../../lib/bidi-controls.ts'

/**
 * A Jira address as it is sent: with a scheme and without a slash at the end.
 *
 * @returns undefined for what is no address of a web server. Never throws.
 */
export function jiraAddress(typed: string): string | undefined {
  const trimmed = withoutBidiControls(typed).trim()
  if (trimmed === '' || /\s/.test(trimmed)) return undefined
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (!URL.canParse(withScheme)) return undefined
  const { protocol, hostname } = new URL(withScheme)
  const isWeb = protocol === 'https:' || protocol === 'http:'
  return isWeb && hostname !== '' ? withScheme.replace(/\/+$/, '') : undefined
}

/** Jira Cloud wants the e-mail address beside the token. */
export function isCloudAddress(address: string): boolean {
  return URL.canParse(address) && new URL(address).hostname.endsWith('.atlassian.net')
}
