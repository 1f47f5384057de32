/** The names that people and models really write; others stay as they are written. */
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00A0',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  times: '×',
  rarr: '→',
  larr: '←',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  deg: '°',
  lrm: '\u200E',
  rlm: '\u200F',
}

/** Character references of Markdown and HTML as the characters that they stand for. */
export function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (all, ...parts) => {
    const [decimal, hexadecimal, name] = parts as (string | undefined)[]
    if (name !== undefined) return named[name] ?? all
    const point = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
    return isCharacter(point) ? String.fromCodePoint(point) : '\uFFFD'
  })
}

function isCharacter(point: number): boolean {
  const isControl = point < 32 || (point >= 127 && point < 160)
  const isSurrogate = point >= 0xd8_00 && point <= 0xdf_ff
  return !isControl && !isSurrogate && point <= 0x10_ff_ff
}
