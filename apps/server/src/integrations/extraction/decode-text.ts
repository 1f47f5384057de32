/** Encodings that Hebrew comes in, the one without a mark tried first. */
const legacy = ['windows-1255', 'iso-8859-8', 'windows-1252'] as const

/** Whether bytes can be text at all: no other control characters than those of lines. */
export function looksLikeText(head: Buffer): boolean {
  if (markOf(head) !== undefined) return !hasControls(decodeText(head))
  return !head.includes(0) || wideOf(head) !== undefined ? !hasControls(decodeText(head)) : false
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const controls = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/g

function hasControls(text: string): boolean {
  return (text.match(controls)?.length ?? 0) > text.length / 1_000
}

/**
 * Text of a file that says nothing of its encoding, or says it by a mark. UTF-8 is what decodes as
 * such; of the older ones that which gives most letters of one script. What was decoded wrongly once
 * before it came here is put right.
 */
export function decodeText(bytes: Uint8Array): string {
  const marked = markOf(bytes) ?? wideOf(bytes)
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes)
  const utf8 = decodeUtf8(bytes)
  if (utf8 !== undefined) return repairMojibake(utf8)
  const candidates = legacy.map((name) => new TextDecoder(name).decode(bytes))
  return candidates.reduce((best, next) => (scoreOf(next) > scoreOf(best) ? next : best))
}

/** The last letter of a piece may be cut in two. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  for (let cut = 0; cut < 4; cut += 1)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut))
    } catch {
      // Shorter, then.
    }
  return undefined
}

function markOf(bytes: Uint8Array): string | undefined {
  const [one, two, three] = bytes
  if (one === 0xff && two === 0xfe) return 'utf-16le'
  if (one === 0xfe && two === 0xff) return 'utf-16be'
  return one === 0xef && two === 0xbb && three === 0xbf ? 'utf-8' : undefined
}

/** UTF-16 without a mark: in Latin text every other byte is zero, in Hebrew text it is 5. */
function wideOf(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 4_096)
  if (head.length < 4) return undefined
  const high = (from: number) => {
    let count = 0
    for (let index = from; index < head.length; index += 2)
      if (head[index] === 0 || head[index] === 5) count += 1
    return count / (head.length / 2)
  }
  if (high(1) > 0.9 && high(0) < 0.5) return 'utf-16le'
  return high(0) > 0.9 && high(1) < 0.5 ? 'utf-16be' : undefined
}

const hebrew = /[\u05D0-\u05EA]/gu
const latin = /[A-Za-z]/g
const strange = /[\u0080-\u009F\uFFFD\u00A4-\u00FF]/gu
const countOf = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

/** Letters that belong together count for a reading, signs that no text has against it. */
function scoreOf(text: string): number {
  return countOf(text, hebrew) * 2 + countOf(text, latin) - countOf(text, strange) * 3
}

/** Each character of `windows-1252` and the byte that it stands for. */
const bytesOfWestern = new Map(
  Array.from({ length: 256 }, (_, byte) => [
    new TextDecoder('windows-1252').decode(Uint8Array.of(byte)),
    byte,
  ]),
)

/** Some programs keep what that encoding has no character for as it is; others have nothing for it. */
function byteOf(char: string): number {
  const code = char.codePointAt(0) ?? 0
  return bytesOfWestern.get(char) ?? (code < 256 ? code : 0x3f)
}

/**
 * Hebrew that was read as Western text, `×©×œ×•×` or `ùìåí`, made readable again; anything else as
 * it is.
 */
export function repairMojibake(text: string): string {
  if (countOf(text, hebrew) > 0 || countOf(text, /[\u00A4-\u00FF]/gu) * 5 < text.length * 2)
    return text
  const bytes = Uint8Array.from(text, byteOf)
  const utf8 = decodeUtf8(bytes)
  const repaired = utf8 ?? new TextDecoder('windows-1255').decode(bytes)
  return scoreOf(repaired) > scoreOf(text) && countOf(repaired, hebrew) > 0 ? repaired : text
}
