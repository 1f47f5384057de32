/** Any part of a secret of this length gives it away; shorter ones are found by their shape only. */
const windowLength = 8
const lengthMin = 2 * windowLength - 1
const secretsMax = 2_000

/** Newest last. Known only so that they can be looked for. */
const secrets = new Set<string>()
const windows = new Map<string, number>()

/** From now on the text is looked for in everything that is logged; the oldest is forgotten. */
export function noteSecret(value: string): void {
  if (value.length < lengthMin || secrets.has(value)) return
  if (secrets.size >= secretsMax) {
    const [oldest = ''] = secrets
    secrets.delete(oldest)
    countWindows(oldest, -1)
  }
  secrets.add(value)
  countWindows(value, 1)
}

function countWindows(value: string, by: 1 | -1): void {
  for (let at = 0; at + windowLength <= value.length; at += 1) {
    const part = value.slice(at, at + windowLength)
    const count = (windows.get(part) ?? 0) + by
    if (count > 0) windows.set(part, count)
    else windows.delete(part)
  }
}

/** Whoever sees one of these may use it: authorisation headers, signed tokens, keys with a known head. */
const shapes =
  /\b(?:Bearer|Basic)\s+[\w+/=.~-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}|\b(?:ATATT|ATCTT|ATTA)[\w=-]{16,}|\bsk-[\w-]{16,}|(?<=\/\/)[^/\s:@"\\]*:[^/\s@"\\]+(?=@)/g

/** The text without secrets that are alive or look like one. */
export function hideSecrets(text: string): string {
  const shapeless = text.replace(shapes, '[secret]')
  return holdsWindow(shapeless) ? hideWindows(shapeless) : shapeless
}

/** Every secret that is whole in the text covers one of the windows that begin at multiples of eight. */
function holdsWindow(text: string): boolean {
  if (windows.size === 0) return false
  for (let at = 0; at + windowLength <= text.length; at += windowLength)
    if (windows.has(text.slice(at, at + windowLength))) return true
  return false
}

function hideWindows(text: string): string {
  let hidden = ''
  let from = 0
  for (let at = 0; at + windowLength <= text.length; at += 1) {
    if (!windows.has(text.slice(at, at + windowLength))) continue
    let end = at + windowLength
    while (windows.has(text.slice(end - windowLength + 1, end + 1)) && end < text.length) end += 1
    // Eight characters may also be a word that a secret happens to hold.
    if (end - at >= lengthMin) {
      hidden += `${text.slice(from, at)}[secret]`
      from = end
    }
    at = end - 1
  }
  return hidden + text.slice(from)
}
