import {
  isJsonObject,
  memberText,
  scalarText,
  type JsonObject,
  type JsonValue,
} from '../json-value.ts'

type NodeRule = {
  /** Kinds of nodes that may lie inside; absent: none at all. */
  readonly inside?: readonly string[]
  readonly isFilled?: boolean
  readonly attributes?: Readonly<Record<string, (value: JsonValue | undefined) => boolean>>
}

const inline = ['text', 'hardBreak', 'emoji', 'mention', 'date', 'status', 'inlineCard']
const lists = ['bulletList', 'orderedList']
const blocks = [
  'paragraph',
  'heading',
  'codeBlock',
  'blockquote',
  'panel',
  'rule',
  'taskList',
].concat(lists)

const isText = (value: JsonValue | undefined): boolean => typeof value === 'string'
const isFilledText = (value: JsonValue | undefined): boolean => isText(value) && value !== ''
const isOneOf =
  (...allowed: readonly JsonValue[]) =>
  (value: JsonValue | undefined): boolean =>
    value !== undefined && allowed.includes(value)

/** The part of the Atlassian Document Format that stories and comments use. */
const nodes: Readonly<Record<string, NodeRule>> = {
  doc: { inside: [...blocks, 'table', 'expand'] },
  paragraph: { inside: inline },
  heading: { inside: inline, attributes: { level: isOneOf(1, 2, 3, 4, 5, 6) } },
  bulletList: { inside: ['listItem'], isFilled: true },
  orderedList: { inside: ['listItem'], isFilled: true },
  listItem: { inside: ['paragraph', 'codeBlock', 'taskList', ...lists], isFilled: true },
  codeBlock: { inside: ['text'] },
  blockquote: { inside: ['paragraph', 'codeBlock', ...lists], isFilled: true },
  panel: {
    inside: ['paragraph', 'heading', 'codeBlock', 'taskList', 'rule', ...lists],
    isFilled: true,
    attributes: {
      panelType: isOneOf('info', 'note', 'tip', 'warning', 'error', 'success', 'custom'),
    },
  },
  rule: {},
  expand: { inside: blocks, isFilled: true },
  table: { inside: ['tableRow'], isFilled: true },
  tableRow: { inside: ['tableCell', 'tableHeader'] },
  tableCell: { inside: blocks, isFilled: true },
  tableHeader: { inside: blocks, isFilled: true },
  taskList: { inside: ['taskItem', 'taskList'], isFilled: true, attributes: { localId: isText } },
  taskItem: { inside: inline, attributes: { localId: isText, state: isOneOf('TODO', 'DONE') } },
  text: {},
  hardBreak: {},
  emoji: { attributes: { shortName: isText } },
  mention: { attributes: { id: isText } },
  date: { attributes: { timestamp: isFilledText } },
  status: { attributes: { text: isFilledText, color: isText } },
  inlineCard: { attributes: { url: isText } },
}

const marks: Readonly<Record<string, (attributes: JsonObject) => boolean>> = {
  strong: () => true,
  em: () => true,
  strike: () => true,
  underline: () => true,
  code: () => true,
  link: (attributes) => isText(attributes['href']),
  subsup: (attributes) => isOneOf('sub', 'sup')(attributes['type']),
  textColor: (attributes) => /^#[0-9a-f]{6}$/i.test(scalarText(attributes['color'])),
}

/** @returns what Jira Cloud would refuse, with its place; undefined when it would take the document */
export function findAdfFault(doc: JsonObject): string | undefined {
  if (doc['type'] !== 'doc') return 'the root is not a doc'
  if (doc['version'] !== 1) return 'version is not 1'
  if (!Array.isArray(doc['content'])) return 'the doc has no content'
  return findFault(doc, 'doc')
}

function findFault(node: JsonObject, place: string): string | undefined {
  const rule = nodes[scalarText(node['type'])]
  if (rule === undefined) return `${place}: unknown node "${scalarText(node['type'])}"`
  return (
    findMemberFault(node, place) ??
    findAttributeFault(node, rule, place) ??
    (node['type'] === 'text' ? findTextFault(node, place) : findContentFault(node, rule, place))
  )
}

const members: Readonly<Record<string, readonly string[]>> = {
  doc: ['type', 'version', 'content'],
  text: ['type', 'text', 'marks'],
}

function findMemberFault(node: JsonObject, place: string): string | undefined {
  const known = members[scalarText(node['type'])] ?? ['type', 'attrs', 'content', 'marks']
  const unknown = Object.keys(node).find((member) => !known.includes(member))
  return unknown === undefined ? undefined : `${place}: unknown member "${unknown}"`
}

function findAttributeFault(node: JsonObject, rule: NodeRule, place: string): string | undefined {
  const attributes = isJsonObject(node['attrs']) ? node['attrs'] : {}
  const wrong = Object.entries(rule.attributes ?? {}).find(([name, isRight]) => {
    return !isRight(attributes[name])
  })
  return wrong === undefined ? undefined : `${place}: attrs.${wrong[0]} is missing or wrong`
}

function findTextFault(node: JsonObject, place: string): string | undefined {
  if (!isFilledText(node['text'])) return `${place}: a text node must not be empty`
  const list = Array.isArray(node['marks']) ? node['marks'] : []
  const wrong = list.find((mark) => !isMark(mark))
  if (wrong !== undefined) return `${place}: unknown or wrong mark "${memberText(wrong, 'type')}"`
  const names = list.map((mark) => memberText(mark, 'type'))
  const besideCode = names.find((name) => name !== 'code' && name !== 'link')
  return names.includes('code') && besideCode !== undefined
    ? `${place}: code and ${besideCode} do not go together`
    : undefined
}

function isMark(mark: JsonValue): boolean {
  if (!isJsonObject(mark)) return false
  const attributes = isJsonObject(mark['attrs']) ? mark['attrs'] : {}
  return marks[memberText(mark, 'type')]?.(attributes) === true
}

function findContentFault(node: JsonObject, rule: NodeRule, place: string): string | undefined {
  const content = node['content'] ?? []
  if (!Array.isArray(content)) return `${place}: content is not a list`
  if (rule.isFilled === true && content.length === 0) return `${place}: must not be empty`
  for (const [index, child] of content.entries()) {
    const below = `${place}.content[${index}]`
    const fault = findPlaceFault(node, child, rule.inside ?? [])
    if (fault !== undefined) return `${below}: ${fault}`
    const deeper = isJsonObject(child) ? findFault(child, below) : undefined
    if (deeper !== undefined) return deeper
  }
  return undefined
}

function findPlaceFault(
  parent: JsonObject,
  child: JsonValue,
  inside: readonly string[],
): string | undefined {
  if (!isJsonObject(child)) return 'is not a node'
  const [type, around] = [memberText(child, 'type'), memberText(parent, 'type')]
  if (!inside.includes(type)) return `"${type}" may not lie directly in ${around}`
  return around === 'codeBlock' && hasMarks(child) ? 'marks in a codeBlock' : undefined
}

function hasMarks(node: JsonObject): boolean {
  return Array.isArray(node['marks']) && node['marks'].length > 0
}
