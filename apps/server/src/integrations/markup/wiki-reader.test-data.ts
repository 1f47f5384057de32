/**
 * Jira's wiki renderer as far as our tests need it, written from its documented behaviour and apart
 * from the code that it judges: what a person would see, with marks as `⟦b›…⟧`.
 */
export function readWiki(wiki: string): string[] {
  const kept: string[] = []
  const keep = (text: string) => `⟪${kept.push(text) - 1}⟫`
  const restore = (text: string): string => {
    const once = text.replace(/⟪(\d+)⟫/g, (_all, index: string) => kept[Number(index)] ?? '')
    return once === text ? text : restore(once)
  }
  const withoutMacros = wiki.replace(
    /(?<!\\)\{(code|noformat)(?::[^}]*)?\}\n?([\s\S]*?)\n?\{\1\}/g,
    (_all, _name, body: string) => keep(body),
  )
  const lines = withoutMacros
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line !== '{quote}')
  return lines.flatMap((line) => blockLine(line).map((part) => restore(inline(part, keep)).trim()))
}

function blockLine(line: string): string[] {
  if (/^\s*-{4,}\s*$/.test(line)) return ['⟦rule⟧']
  const prefixed = /^\s*(?:h[1-6]\.|bq\.|[*#-]+(?=\s))\s*(.*)$/.exec(line)
  if (prefixed !== null) return [prefixed[1] ?? '']
  if (/^\s*\|/.test(line)) {
    const cells = line.split(/(?<!\\)\|{1,2}/)
    return cells.slice(1, -1)
  }
  return [line]
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00A0' }

function inline(text: string, keep: (text: string) => string): string {
  const lifted = text
    .replace(/(?<!\\)\[([^\]|]*)\|([^\]|]+)\]/g, (_all, label: string, url: string) =>
      keep(`⟦${url}›${inline(label, keep)}⟧`),
    )
    .replace(/(?<!\\)\[([a-z]+:[^\]]+)\]/g, (_all, url: string) => keep(`⟦${url}⟧`))
    .replace(/(?<!\\)\\\\(?!\S*\\)/g, () => keep('\n'))
    .replace(/(?<!\\)\\([-#*_+?^~|%{}[\]()!@])/g, (_all, sign: string) => keep(sign))
  const withMarks = phrases(lifted)
  return withMarks
    .replace(
      /(?::-?[()]|(?<!&#?\w{1,10});-?\)|:[PD]|\((?:[yni/x!+?*-]|on|off)\))(?![a-z])/gi,
      '⟦emoticon⟧',
    )
    .replace(/(^|\s)-{2,3}(?=\s|$)/g, '$1⟦dash⟧')
    .replace(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name = '') =>
      code === undefined ? (entities[name] ?? all) : String.fromCodePoint(Number(code)),
    )
}

const names: readonly (readonly [sign: string, name: string])[] = [
  [String.raw`\{\{`, 'code'],
  [String.raw`\?\?`, 'cite'],
  [String.raw`\*`, 'b'],
  ['_', 'i'],
  ['-', 's'],
  [String.raw`\+`, 'ins'],
  [String.raw`\^`, 'sup'],
  ['~', 'sub'],
  ['!', 'image'],
]

function phrases(text: string): string {
  let result = text
  for (const [open, name] of names) {
    const close = open === String.raw`\{\{` ? String.raw`\}\}` : open
    const start = String.raw`(?:\{${open}\}|(?<![\p{L}\p{Nd}\\])${open})`
    const end = String.raw`(?:\{${close}\}|${close}(?![\p{L}\p{Nd}]))`
    const first = open === String.raw`\{\{` ? String.raw`[^\s{]` : `[^\\s${open}]`
    // oxlint-disable-next-line house/bans -- a test builds it from the table above
    const pattern = new RegExp(`${start}(${first}[^\\p{C}\\n]*?(?<!\\s))${end}`, 'gu')
    result = result.replace(pattern, `⟦${name}›$1⟧`)
  }
  return result
}
