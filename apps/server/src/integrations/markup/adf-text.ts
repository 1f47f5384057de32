/** Nodes that stand on a line of their own. */
const lines = new Set(['paragraph', 'heading', 'codeBlock', 'rule', 'tableRow', 'listItem'])

const depthMax = 50

/**
 * What a person reads of an Atlassian document, one line a block. Nodes that we do not know are
 * read through.
 *
 * @param node anything; what is no document has no text
 * @returns never throws
 */
export function adfToText(node: unknown): string {
  return textOf(node, 0)
    .replaceAll(/\n{2,}/g, '\n')
    .trim()
}

function textOf(node: unknown, depth: number): string {
  if (typeof node !== 'object' || node === null || depth > depthMax) return ''
  const { type, text, content, attrs } = node as Readonly<Record<string, unknown>>
  if (typeof text === 'string') return text
  if (type === 'hardBreak') return '\n'
  const inner = Array.isArray(content) ? content.map((child) => textOf(child, depth + 1)) : []
  const own = inner.length > 0 ? inner.join(type === 'tableRow' ? ' | ' : '') : attributeText(attrs)
  return lines.has(String(type)) ? `${own}\n` : own
}

/** Mentions, emoji, dates and cards carry their text beside the content. */
function attributeText(attrs: unknown): string {
  if (typeof attrs !== 'object' || attrs === null) return ''
  const { text, shortName, url } = attrs as Readonly<Record<string, unknown>>
  return [text, shortName, url].find((value) => typeof value === 'string') ?? ''
}
