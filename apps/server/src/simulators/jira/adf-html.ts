import { escapeHtml } from '../exchange.ts'
import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'

/** A document of Jira Cloud as safe HTML. Nodes that it does not know become their text. */
export function adfToHtml(node: JsonValue): string {
  if (Array.isArray(node)) return node.map(adfToHtml).join('')
  if (typeof node !== 'object' || node === null) return ''
  const type = scalarText(node['type'])
  const inside = (): string => adfToHtml(node['content'] ?? [])
  return (elements[type] ?? (() => inside()))(node, inside)
}

type Element = (node: JsonObject, inside: () => string) => string

const element =
  (name: string): Element =>
  (_node, inside) =>
    `<${name} dir="auto">${inside()}</${name}>`

const elements: Readonly<Record<string, Element>> = {
  text: (node) => markText(node),
  paragraph: element('p'),
  heading: (node, inside) => {
    const level = Math.min(6, Number(memberText(node['attrs'], 'level') || 1) + 1)
    return `<h${level} dir="auto">${inside()}</h${level}>`
  },
  bulletList: (_node, inside) => `<ul dir="auto">${undirected(inside())}</ul>`,
  orderedList: (_node, inside) => `<ol dir="auto">${undirected(inside())}</ol>`,
  listItem: (_node, inside) => `<li>${inside()}</li>`,
  blockquote: element('blockquote'),
  panel: element('blockquote'),
  codeBlock: (_node, inside) => `<pre dir="ltr"><code>${inside()}</code></pre>`,
  rule: () => '<hr>',
  hardBreak: () => '<br>',
  table: (_node, inside) => `<table dir="auto"><tbody>${undirected(inside())}</tbody></table>`,
  tableRow: (_node, inside) => `<tr>${inside()}</tr>`,
  tableCell: (_node, inside) => `<td>${inside()}</td>`,
  tableHeader: (_node, inside) => `<th>${inside()}</th>`,
  emoji: (node) => escapeHtml(memberText(node['attrs'], 'text', 'shortName')),
  mention: (node) => escapeHtml(memberText(node['attrs'], 'text')),
  status: (node) => `<strong>${escapeHtml(memberText(node['attrs'], 'text'))}</strong>`,
  inlineCard: (node) => linkTo(memberText(node['attrs'], 'url')),
}

/** `dir="auto"` looks past children that have a direction, so those of a list must not have one. */
function undirected(html: string): string {
  return html.replaceAll('<p dir="auto">', '<p>')
}

const wraps: Readonly<Record<string, string>> = {
  strong: 'strong',
  em: 'em',
  strike: 's',
  underline: 'u',
  code: 'code',
}

function markText(node: JsonObject): string {
  let html = escapeHtml(scalarText(node['text']))
  for (const mark of Array.isArray(node['marks']) ? node['marks'] : []) {
    if (!isJsonObject(mark)) continue
    const name = wraps[scalarText(mark['type'])]
    if (name !== undefined) html = `<${name}>${html}</${name}>`
    if (mark['type'] === 'link') html = linkTo(memberText(mark['attrs'], 'href'), html)
  }
  return html
}

/** Only web and mail addresses become links. */
export function linkTo(address: string, html = escapeHtml(address)): string {
  return /^(https?:\/\/|mailto:)/i.test(address)
    ? `<a href="${escapeHtml(address)}" rel="noreferrer noopener">${html}</a>`
    : html
}
