/** The passwords that leaks show most often, the most frequent first (ASVS 6.2.4). */
export type ListedPasswords = ReadonlySet<string>

let loading: Promise<ListedPasswords> | undefined

/** Read when the first password is chosen: some megabytes that most days nobody needs. */
export function loadListedPasswords(): Promise<ListedPasswords> {
  loading ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common']),
  )
  return loading
}

const looksLike: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** A text as it reads where signs stand for the letters that they look like. */
export function spokenOf(text: string): string {
  return Array.from(text, (sign) => looksLike[sign] ?? sign).join('')
}

/**
 * Whether a password stands in the list as it is, read aloud, or without digits and signs around it,
 * or is put together of two that do.
 */
export function isListed(password: string, listed: ListedPasswords): boolean {
  const plain = password.normalize('NFKC').toLowerCase()
  const bare = plain.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const readings = [plain, spokenOf(plain), bare, spokenOf(bare)]
  return readings.some((text) => listed.has(text) || isPair(text, listed))
}

/** Shorter ones stand in the list, too, and in every sentence. */
const pieceLeast = 4

function isPair(text: string, listed: ListedPasswords): boolean {
  for (let at = pieceLeast; at <= text.length - pieceLeast; at += 1)
    if (listed.has(text.slice(0, at)) && listed.has(text.slice(at))) return true
  return false
}
