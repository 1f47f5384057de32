import { limits } from './limits.ts'

/** What the default rule allows a personal access token of Confluence to be (D-4). */
export const confluenceTokenRule = {
  /** Any text up to this length. */
  plainLengthMax: 20,
  /** Longer only in the shape of Atlassian's own tokens, and never longer than this. */
  lengthMax: limits.tokenLengthMax,
} as const

/**
 * The shape of a token that Atlassian made.
 *
 * @returns `pat`: 44 characters of base64 that hold `<digits>:<bytes>`, as Jira and Confluence Data
 *   Center make them; `cloud`: an API token of Atlassian Cloud; `unknown`: neither. Never throws.
 */
export function atlassianTokenShape(token: string): 'pat' | 'cloud' | 'unknown' {
  if (/^ATATT[A-Za-z0-9_=+/.-]+$/.test(token)) return 'cloud'
  if (!/^[MNO][A-Za-z0-9+/]{43}$/.test(token)) return 'unknown'
  return /^\d{8,15}:/.test(beginning(token)) ? 'pat' : 'unknown'
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The first 16 bytes of base64, a character each. */
function beginning(base64: string): string {
  let text = ''
  for (let at = 0; text.length < 16; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = Array.from(base64.slice(at, at + 4), (digit) =>
      digits.indexOf(digit),
    )
    const bits = (a << 18) | (b << 12) | (c << 6) | d
    text += String.fromCharCode(bits >> 16, (bits >> 8) & 255, bits & 255)
  }
  return text
}

/** Whether the default rule takes this as a token of Confluence (D-4, CFG-13). */
export function isConfluenceToken(token: string): boolean {
  if (token.length > confluenceTokenRule.lengthMax) return false
  if (token.length <= confluenceTokenRule.plainLengthMax) return token.length > 0
  return atlassianTokenShape(token) !== 'unknown'
}
