import { colorOf } from './colors.ts'
import { layoutTypes } from './column-widths.ts'
import {
  type Alignment,
  type Block,
  type Cell,
  type Column,
  type HeadingLevel,
  type Image,
  type Inline,
  type Kept,
  type ListItem,
  type Macro,
  type Mark,
  type MarkupDocument,
  type Opaque,
  paragraph,
  type PanelKind,
  type SimpleMark,
  type StatusColor,
  type TableRow,
  text,
} from './document.ts'
import { emoticons } from './emoticons.ts'
import { isSafeLink } from './links.ts'
import { normalizeDocument } from './normalize.ts'
import {
  emoticonName,
  keptColumns,
  keptElement,
  keptParameters,
  keptSource,
  noteColor,
  panelMacros,
  renderStorage,
  statusColors,
  userAttributes,
} from './render-storage.ts'
import {
  childNamed,
  elementsOf,
  readStorage,
  type StorageElement,
  type StorageNode,
  wordsOf,
} from './storage-xml.ts'

/**
 * Reads storage format of Confluence. Macros and elements that the model does not know are kept as
 * they are written.
 *
 * @returns always a document; what is not well-formed, or too large, becomes its own text
 */
export function parseStorage(source: string): MarkupDocument {
  const tree = readStorage(source)
  if (tree.kind === 'tree') return normalizeDocument({ blocks: blocksOf(tree.nodes, { source }) })
  const lines = source.split('\n').filter((line) => line.trim() !== '')
  return normalizeDocument({ blocks: lines.map((line) => paragraph([text(line)])) })
}

type Page = { readonly source: string }

/** Text between blocks is a paragraph of its own. */
function blocksOf(nodes: readonly StorageNode[], page: Page): Block[] {
  const blocks: Block[] = []
  let line: StorageNode[] = []
  const endLine = () => {
    const content = inlinesOf(line, [], page)
    const images = content.filter((inline) => inline.type === 'image')
    const others = content.filter((inline) => inline.type !== 'image')
    if (!others.every(isSpace)) blocks.push(paragraph(content))
    else blocks.push(...images)
    line = []
  }
  for (const node of nodes) {
    if (isInline(node)) line.push(node)
    else {
      endLine()
      blocks.push(...blockOf(node, page))
    }
  }
  endLine()
  return blocks
}

function isSpace(inline: Inline): boolean {
  return inline.type === 'text' && /^[ \n\t\r]*$/.test(inline.text)
}

const inlineNames: ReadonlySet<string> = new Set(
  (
    'a abbr b bdi bdo big br cite code del em font i ins kbd mark q s samp small span strike strong sub ' +
    'sup time tt u var wbr ac:emoticon ac:image ac:inline-comment-marker ac:link ac:placeholder'
  ).split(' '),
)

function isInline(node: StorageNode): boolean {
  if (node.kind === 'text') return true
  if (node.name === 'ac:structured-macro') return node.attributes['ac:name'] === 'status'
  return inlineNames.has(node.name)
}

type Reader = (element: StorageElement, page: Page) => readonly Block[] | undefined

const readers: Readonly<Record<string, Reader>> = {
  p: (element, page) => [
    { type: 'paragraph', ...alignOf(element), content: inlinesOf(element.children, [], page) },
  ],
  h1: headingOf,
  h2: headingOf,
  h3: headingOf,
  h4: headingOf,
  h5: headingOf,
  h6: headingOf,
  hr: ({ attributes }) => [{ type: 'rule', ...keptOf(attributes) }],
  blockquote: ({ attributes, children }, page) => [
    { type: 'quote', blocks: blocksOf(children, page), ...keptOf(attributes) },
  ],
  pre(element) {
    if (elementsOf(element.children).length > 0) return undefined
    const own = { ...element.attributes, [keptElement]: 'pre' }
    return [{ type: 'code-block', text: wordsOf(element), ...keptOf(own) }]
  },
  ul: listOf,
  ol: listOf,
  table: tableOf,
  'ac:task-list': taskListOf,
  'ac:image': (element) => {
    const image = imageOf(element)
    return image && [image]
  },
  'ac:layout': layoutOf,
  'ac:structured-macro': macroBlockOf,
}

/** An element of a name that has no reader is kept as it is written. */
function blockOf(node: StorageNode, page: Page): readonly Block[] {
  if (node.kind === 'text') return []
  const reader = Object.hasOwn(readers, node.name) ? readers[node.name] : undefined
  return reader?.(node, page) ?? [opaqueOf(node, page)]
}

const labelLengthMax = 500

function opaqueOf(element: StorageElement, { source }: Page): Opaque {
  const name = element.attributes['ac:name'] ?? element.name.replace(/^ac:/, '')
  const words = wordsOf(element).replaceAll(/\s+/g, ' ').trim().slice(0, labelLengthMax)
  const target = elementsOf(element.children)[0]?.attributes['ri:content-title']
  const label = words === '' ? (target ?? '') : words
  return {
    type: 'opaque',
    format: 'storage',
    source: source.slice(element.start, element.end),
    label: label === '' ? name : `${name}: ${label}`,
  }
}

function keptOf(attributes: Readonly<Record<string, unknown>>): Kept {
  const list = Object.entries(attributes).filter(([, value]) => value !== undefined)
  if (list.length === 0) return {}
  return { kept: { format: 'storage', attributes: Object.fromEntries(list) } }
}

function alignOf({ attributes }: StorageElement): { readonly align?: Alignment } & Kept {
  const { style, ...others } = attributes
  const parts = (style ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const found = parts.find((part) => /^text-align\s*:\s*(?:center|right|end)$/i.test(part))
  if (found === undefined) return keptOf(attributes)
  const rest = parts.filter((part) => part !== found)
  return {
    align: found.toLowerCase().endsWith('center') ? 'center' : 'end',
    ...keptOf({ ...others, style: rest.length === 0 ? undefined : `${rest.join('; ')};` }),
  }
}

function headingOf(element: StorageElement, page: Page): Block[] {
  const level = Number(element.name.slice(1)) as HeadingLevel
  const content = inlinesOf(element.children, [], page)
  return [{ type: 'heading', level, ...alignOf(element), content }]
}

function listOf({ name, attributes, children }: StorageElement, page: Page): Block[] | undefined {
  const items = elementsOf(children)
  if (items.some((item) => item.name !== 'li')) return undefined
  const { start, ...others } = attributes
  const isOrdered = name === 'ol'
  const first = isOrdered && /^\d{1,9}$/.test(start ?? '') ? Number(start) : 1
  return [
    {
      type: 'list',
      ordered: isOrdered,
      start: first,
      items: items.map((item): ListItem => ({
        blocks: blocksOf(item.children, page),
        ...keptOf(item.attributes),
      })),
      ...keptOf(first === 1 ? attributes : others),
    },
  ]
}

function taskListOf({ attributes, children }: StorageElement, page: Page): Block[] | undefined {
  const items: ListItem[] = []
  for (const task of elementsOf(children)) {
    const body = childNamed(task, 'ac:task-body')
    if (task.name !== 'ac:task' || body === undefined) return undefined
    items.push({
      done: wordsIn(task, 'ac:task-status') === 'complete',
      blocks: blocksOf(body.children, page),
      ...keptOf({
        ...task.attributes,
        'task-id': wordsIn(task, 'ac:task-id'),
        'task-uuid': wordsIn(task, 'ac:task-uuid'),
      }),
    })
  }
  return [{ type: 'list', ordered: false, start: 1, items, ...keptOf(attributes) }]
}

function wordsIn(element: StorageElement, name: string): string | undefined {
  const child = childNamed(element, name)
  return child === undefined ? undefined : wordsOf(child).trim()
}

function tableOf(table: StorageElement, page: Page): Block[] | undefined {
  const rows: TableRow[] = []
  let columns: string | undefined
  for (const part of elementsOf(table.children)) {
    if (part.name === 'colgroup') columns = page.source.slice(part.start, part.end)
    else if (part.name === 'tr') rows.push(rowOf(part, page))
    else if (part.name === 'tbody' || part.name === 'thead')
      rows.push(...elementsOf(part.children).map((row) => rowOf(row, page)))
    else return undefined
  }
  if (rows.length === 0) return undefined
  return [{ type: 'table', rows, ...keptOf({ ...table.attributes, [keptColumns]: columns }) }]
}

function rowOf({ attributes, children }: StorageElement, page: Page): TableRow {
  const cells = elementsOf(children).map((cell): Cell => {
    const { colspan, rowspan, ...others } = cell.attributes
    return {
      header: cell.name === 'th',
      ...(isSpan(colspan) ? { colspan: Number(colspan) } : {}),
      ...(isSpan(rowspan) ? { rowspan: Number(rowspan) } : {}),
      blocks: blocksOf(cell.children, page),
      ...keptOf(others),
    }
  })
  return { cells, ...keptOf(attributes) }
}

function isSpan(value: string | undefined): boolean {
  return value !== undefined && /^\d{1,3}$/.test(value) && Number(value) > 1
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function imageOf({ attributes, children }: StorageElement): Image | undefined {
  const [target, ...more] = elementsOf(children)
  if (target === undefined || more.length > 0 || target.children.length > 0) return undefined
  const { 'ac:alt': alt, 'ac:width': width, 'ac:height': height, ...others } = attributes
  const { 'ri:value': url, 'ri:filename': name, ...further } = target.attributes
  if (Object.keys(further).length > 0) return undefined
  const source =
    target.name === 'ri:url' && url !== undefined && /^https?:/i.test(url)
      ? ({ kind: 'url', url } as const)
      : target.name === 'ri:attachment' && name !== undefined
        ? ({ kind: 'attachment', name } as const)
        : undefined
  if (source === undefined) return undefined
  const pixels = (value: string | undefined) => /^\d{1,5}$/.test(value ?? '')
  const rest = {
    ...others,
    ...(pixels(width) ? {} : { 'ac:width': width }),
    ...(pixels(height) ? {} : { 'ac:height': height }),
  }
  return {
    type: 'image',
    source,
    ...(alt === undefined ? {} : { alt }),
    ...(pixels(width) ? { width: Number(width) } : {}),
    ...(pixels(height) ? { height: Number(height) } : {}),
    ...keptOf(rest),
  }
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function layoutOf({ children }: StorageElement, page: Page): Block[] | undefined {
  const blocks: Block[] = []
  for (const section of elementsOf(children)) {
    const { 'ac:type': type = '', ...others } = section.attributes
    const cells = elementsOf(section.children)
    const widths = layoutTypes.find(([name]) => name === type)?.[1]
    if (cells.length === 1 && (type === 'single' || type === 'fixed-width'))
      blocks.push(...blocksOf(cells[0]?.children ?? [], page))
    else if (widths?.length === cells.length)
      blocks.push({
        type: 'layout',
        columns: cells.map((cell, index): Column => ({
          width: widths[index] ?? 0,
          blocks: blocksOf(cell.children, page),
          ...keptOf(cell.attributes),
        })),
        ...keptOf(others),
      })
    else return undefined
  }
  return blocks
}

type MacroParts = {
  readonly name: string
  /** Of the macro beside its name and the version that all have. */
  readonly attributes: Readonly<Record<string, string>>
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly body: StorageElement | undefined
}

/** A macro of parameters that are texts and at most one body; anything else is kept as it is. */
function macroParts(element: StorageElement): MacroParts | undefined {
  const { 'ac:name': name, 'ac:schema-version': version, ...others } = element.attributes
  if (name === undefined) return undefined
  const parameters: (readonly [string, string])[] = []
  let body: StorageElement | undefined
  for (const child of elementsOf(element.children)) {
    const key = child.attributes['ac:name']
    if (child.name === 'ac:parameter' && key !== undefined && isPlain(child))
      parameters.push([key, wordsOf(child)])
    else if (bodyNames.has(child.name) && body === undefined) body = child
    else return undefined
  }
  const attributes =
    version === undefined || version === '1' ? others : { ...others, 'ac:schema-version': version }
  return { name, attributes, parameters, body }
}

const bodyNames: ReadonlySet<string> = new Set(['ac:rich-text-body', 'ac:plain-text-body'])

function isPlain({ attributes, children }: StorageElement): boolean {
  return elementsOf(children).length === 0 && Object.keys(attributes).length === 1
}

function macroBlockOf(element: StorageElement, page: Page): Block[] | undefined {
  const parts = macroParts(element)
  if (parts === undefined) return undefined
  const known = Object.hasOwn(macroReaders, parts.name) ? macroReaders[parts.name] : undefined
  return [known?.(parts, page) ?? genericMacro(element, parts, page)]
}

/** What the model takes of the parameters, and the rest to keep. */
function take<Name extends string>(parts: MacroParts, ...names: readonly Name[]) {
  const taken: Partial<Record<Name, string>> = {}
  const rest: (readonly [string, string])[] = []
  for (const [key, value] of parts.parameters) {
    const name = names.find((known) => known === key)
    if (name === undefined || taken[name] !== undefined || value === '') rest.push([key, value])
    else taken[name] = value
  }
  return { taken, rest }
}

function macroKept(
  { attributes }: MacroParts,
  rest: readonly (readonly [string, string])[],
  more: Readonly<Record<string, string>> = {},
): Kept {
  return keptOf({ ...attributes, ...more, [keptParameters]: rest.length === 0 ? undefined : rest })
}

type MacroReader = (parts: MacroParts, page: Page) => Block | undefined

const macroReaders: Readonly<Record<string, MacroReader>> = {
  code: codeOf,
  noformat: codeOf,
  expand(parts, page) {
    if (parts.body?.name !== 'ac:rich-text-body') return undefined
    const { taken, rest } = take(parts, 'title')
    const blocks = blocksOf(parts.body.children, page)
    return { type: 'expand', ...taken, blocks, ...macroKept(parts, rest) }
  },
  ...Object.fromEntries(
    Object.entries(panelMacros).map(([kind, name]): [string, MacroReader] => [
      name,
      (parts, page) => panelOf(parts, kind as PanelKind, page),
    ]),
  ),
  panel: (parts, page) => panelOf(parts, 'custom', page),
}

function codeOf(parts: MacroParts): Block | undefined {
  if (parts.body !== undefined && parts.body.name !== 'ac:plain-text-body') return undefined
  const isCode = parts.name === 'code'
  const { taken, rest } = isCode ? take(parts, 'language', 'title') : take(parts, 'title')
  const more: Record<string, string> = isCode ? {} : { [keptElement]: 'noformat' }
  const words = parts.body === undefined ? '' : wordsOf(parts.body)
  return { type: 'code-block', ...taken, text: words, ...macroKept(parts, rest, more) }
}

function panelOf(parts: MacroParts, kind: PanelKind, page: Page): Block | undefined {
  if (parts.body?.name !== 'ac:rich-text-body') return undefined
  const blocks = blocksOf(parts.body.children, page)
  if (kind !== 'custom') {
    const { taken, rest } = take(parts, 'title')
    return { type: 'panel', kind, ...taken, blocks, ...macroKept(parts, rest) }
  }
  const { taken, rest } = take(parts, 'title', 'bgColor')
  const { title, bgColor } = taken
  const named = title === undefined ? {} : { title }
  const color = bgColor === undefined ? undefined : colorOf(bgColor)
  const others =
    bgColor !== undefined && color === undefined ? [['bgColor', bgColor] as const, ...rest] : rest
  if (color === noteColor)
    return { type: 'panel', kind: 'note', ...named, blocks, ...macroKept(parts, others) }
  const own = color === undefined ? {} : { color }
  return { type: 'panel', kind, ...named, ...own, blocks, ...macroKept(parts, others) }
}

function genericMacro(element: StorageElement, parts: MacroParts, page: Page): Macro {
  const { name, parameters, body } = parts
  const macro: Macro = {
    type: 'macro',
    name,
    parameters,
    ...(body === undefined ? {} : { body: bodyOf(body, page) }),
    ...macroKept(parts, []),
  }
  // Where ours is not byte for byte what is written, the written one is kept.
  const source = page.source.slice(element.start, element.end)
  if (renderStorage({ blocks: [macro] }) === source) return macro
  return { ...macro, ...keptOf({ ...parts.attributes, [keptSource]: source }) }
}

function bodyOf(body: StorageElement, page: Page): NonNullable<Macro['body']> {
  return body.name === 'ac:rich-text-body'
    ? { kind: 'rich', blocks: blocksOf(body.children, page) }
    : { kind: 'plain', text: wordsOf(body) }
}

type Marks = readonly Mark[]

function inlinesOf(nodes: readonly StorageNode[], marks: Marks, page: Page): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    if (node.kind === 'text') return [{ type: 'text', text: node.text, marks }]
    return inlineOf(node, marks, page)
  })
}

const simpleMarks: Readonly<Record<string, SimpleMark>> = {
  strong: 'strong',
  b: 'strong',
  em: 'emphasis',
  i: 'emphasis',
  s: 'strike',
  del: 'strike',
  strike: 'strike',
  u: 'underline',
  ins: 'underline',
  sup: 'superscript',
  sub: 'subscript',
  code: 'code',
  tt: 'code',
}

// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function inlineOf(element: StorageElement, marks: Marks, page: Page): Inline[] {
  const { name, attributes, children } = element
  const inside = (...more: readonly Mark[]) => inlinesOf(children, [...marks, ...more], page)
  if (name === 'br') return [{ type: 'break' }]
  const leaf = leafOf(element, page)
  if (leaf !== undefined) return [leaf]
  const hasBlocks = elementsOf(children).some(
    (child) => !isInline(child) && child.name !== 'ac:structured-macro',
  )
  if (!inlineNames.has(name) || isForeignElement(name) || hasBlocks)
    return [opaqueOf(element, page)]
  const simple = Object.hasOwn(simpleMarks, name) ? simpleMarks[name] : undefined
  const foreign: Mark = {
    type: 'foreign',
    format: 'storage',
    source: page.source.slice(element.start, element.innerStart),
  }
  if (simple !== undefined && Object.keys(attributes).length === 0) return inside({ type: simple })
  if (name === 'a') return inside(...linkMarks(element, foreign))
  if (name === 'span') return inside(...spanMarks(element, foreign))
  if (element.innerStart === element.innerEnd) return [opaqueOf(element, page)]
  return simple === undefined ? inside(foreign) : inside(foreign, { type: simple })
}

/** Of Confluence's own elements only this one is a mark around text. */
function isForeignElement(name: string): boolean {
  return name.startsWith('ac:') && name !== 'ac:inline-comment-marker'
}

function linkMarks({ attributes }: StorageElement, foreign: Mark): Mark[] {
  const { href = '', title, ...others } = attributes
  const named = title === undefined || title === '' ? {} : { title }
  const link: Mark[] = isSafeLink(href) ? [{ type: 'link', href, ...named }] : []
  return link.length > 0 && Object.keys(others).length === 0 ? link : [foreign, ...link]
}

function spanMarks({ attributes }: StorageElement, foreign: Mark): Mark[] {
  const { style, ...others } = attributes
  if (Object.keys(others).length > 0) return [foreign]
  if (style === undefined) return []
  const parts = style
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const marks = parts.map(styleMark)
  return marks.every((mark) => mark !== undefined) ? marks : [foreign]
}

function styleMark(part: string): Mark | undefined {
  const [, property = '', value = ''] = /^([a-z-]+)\s*:\s*(.*)$/i.exec(part) ?? []
  return styles[property]?.(value)
}

const decorations: Readonly<Partial<Record<string, Mark>>> = {
  'line-through': { type: 'strike' },
  underline: { type: 'underline' },
}

const styles: Readonly<Partial<Record<string, (value: string) => Mark | undefined>>> = {
  color: (value) => coloured('color', colorOf(value)),
  'background-color': (value) => coloured('background', colorOf(value)),
  'text-decoration': (value) => decorations[value],
}

function coloured(type: 'color' | 'background', color: string | undefined): Mark | undefined {
  return color === undefined ? undefined : { type, color }
}

function leafOf(element: StorageElement, page: Page): Inline | undefined {
  switch (element.name) {
    case 'ac:image':
      return imageOf(element) ?? opaqueOf(element, page)
    case 'ac:emoticon':
      return emoticonOf(element) ?? opaqueOf(element, page)
    case 'time':
      return dateOf(element) ?? opaqueOf(element, page)
    case 'ac:link':
      return mentionOf(element) ?? opaqueOf(element, page)
    case 'ac:structured-macro':
      return inlineMacroOf(element, page)
    default:
      return undefined
  }
}

function emoticonOf({ attributes }: StorageElement): Inline | undefined {
  const {
    'ac:name': name,
    'ac:emoji-shortname': given,
    'ac:emoji-fallback': fallback,
    ...others
  } = attributes
  const known = emoticons.find((emoticon) => emoticon.name === name)
  const shortName = given ?? known?.shortName
  if (shortName === undefined || name === undefined) return undefined
  const shown = fallback ?? (given === undefined ? known?.text : undefined)
  return {
    type: 'emoji',
    shortName,
    ...(shown === undefined ? {} : { text: shown }),
    ...keptOf({ 'ac:name': emoticonName(shortName) === name ? undefined : name, ...others }),
  }
}

function dateOf({ attributes, children }: StorageElement): Inline | undefined {
  const { datetime = '', ...others } = attributes
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(datetime) && !Number.isNaN(Date.parse(datetime))
  return isDate && children.length === 0
    ? { type: 'date', date: datetime, ...keptOf(others) }
    : undefined
}

function mentionOf({ attributes, children }: StorageElement): Inline | undefined {
  const [user, ...more] = elementsOf(children)
  if (user?.name !== 'ri:user' || more.length > 0 || Object.keys(attributes).length > 0)
    return undefined
  for (const [by, attribute] of Object.entries(userAttributes)) {
    const { [attribute]: id, ...others } = user.attributes
    if (id !== undefined)
      return { type: 'mention', by: by as keyof typeof userAttributes, id, ...keptOf(others) }
  }
  return undefined
}

function inlineMacroOf(element: StorageElement, page: Page): Inline {
  const parts = macroParts(element)
  if (parts === undefined || parts.body?.name === 'ac:rich-text-body')
    return opaqueOf(element, page)
  if (parts.name === 'status' && parts.body === undefined) {
    const status = statusOf(parts)
    if (status !== undefined) return status
  }
  return genericMacro(element, parts, page)
}

function statusOf(parts: MacroParts): Inline | undefined {
  const { taken, rest } = take(parts, 'title', 'colour')
  const { title, colour } = taken
  if (title === undefined) return undefined
  const known = Object.entries(statusColors).find(([, name]) => name === colour)
  const others =
    known === undefined && colour !== undefined ? [['colour', colour] as const, ...rest] : rest
  return {
    type: 'status',
    text: title,
    color: (known?.[0] ?? 'neutral') as StatusColor,
    ...macroKept(parts, others),
  }
}
