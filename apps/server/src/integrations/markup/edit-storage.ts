import type { MarkupDocument } from './document.ts'
import type {
  EditOutcome,
  HeadingReference,
  MacroReference,
  MarkupEdit,
  NodePath,
} from './edits.ts'
import { isRefusal, pick, pickTask, type Refusal, refuse, sameWords, squeezed } from './pick.ts'
import { inlineStorage, renderBlocks } from './render-storage.ts'
import {
  cdata,
  childNamed,
  elementsOf,
  escapeXml,
  readStorage,
  type StorageElement,
  type StorageNode,
  type StorageText,
  wordsOf,
} from './storage-xml.ts'

/** What is put in the place of what stands between two offsets of the source. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string }

/**
 * Makes all edits in their order, or none. Each is a splice of the source: every byte that no edit
 * means stays what it is, and the result is well-formed again. Never throws.
 */
export function editStorage(source: string, edits: readonly MarkupEdit[]): EditOutcome<string> {
  let edited = source
  for (const [index, edit] of edits.entries()) {
    const splice = planStorageEdit(edited, edit)
    if (isRefusal(splice)) return { ...splice, index }
    edited = edited.slice(0, splice.start) + splice.text + edited.slice(splice.end)
  }
  return { kind: 'edited', source: edited }
}

/** Where an edit cuts, and what it puts there. */
export function planStorageEdit(source: string, edit: MarkupEdit): Splice | Refusal {
  const tree = readStorage(source)
  if (tree.kind === 'refused') return refuse(tree.reason)
  const page: Page = { source, nodes: tree.nodes, all: [...walk(tree.nodes, undefined)] }
  return planners[edit.kind](page, edit as never)
}

type Placed = { readonly element: StorageElement; readonly parent: StorageElement | undefined }

type Page = {
  readonly source: string
  readonly nodes: readonly StorageNode[]
  /** Every element, in the order of the page. */
  readonly all: readonly Placed[]
}

function* walk(
  nodes: readonly StorageNode[],
  parent: StorageElement | undefined,
): Generator<Placed> {
  for (const element of elementsOf(nodes)) {
    yield { element, parent }
    yield* walk(element.children, element)
  }
}

type Planners = {
  readonly [Kind in MarkupEdit['kind']]: (
    page: Page,
    edit: Extract<MarkupEdit, { kind: Kind }>,
  ) => Splice | Refusal
}

const planners: Planners = {
  'replace-section': (page, { heading, content }) =>
    inSection(page, heading, ({ from, to }) => ({ start: from, end: to, text: blocks(content) })),
  'append-to-section': (page, { heading, content }) =>
    inSection(page, heading, ({ to }) => ({ start: to, end: to, text: blocks(content) })),
  'insert-after-heading': (page, { heading, content }) =>
    inSection(page, heading, ({ from }) => ({ start: from, end: from, text: blocks(content) })),
  append: (page, { content }) => atEnd(page, blocks(content)),
  prepend: (page, { content }) => atStart(page, blocks(content)),
  'insert-after': (page, { path, content }) =>
    atNode(page, path, ({ element, parent }) => {
      const text = fitting(content, parent)
      return text === undefined
        ? refuse('node-not-found')
        : { start: element.end, end: element.end, text }
    }),
  'replace-node': (page, { path, content }) =>
    atNode(page, path, ({ element, parent }) => {
      const text = fitting(content, parent)
      return text === undefined
        ? refuse('node-not-found')
        : { start: element.start, end: element.end, text }
    }),
  'remove-node': (page, { path }) =>
    atNode(page, path, ({ element, parent }) =>
      parent !== undefined && indivisible.has(parent.name)
        ? refuse('node-not-found')
        : { start: element.start, end: element.end, text: '' },
    ),
  'replace-text': replaceText,
  'set-macro-parameter': (page, { macro, parameter, value }) => {
    const found = macroNamed(page, macro)
    return isRefusal(found) ? found : setParameter(page, found.element, { parameter, value })
  },
  'set-macro-body': (page, { macro, body }) => {
    const found = macroNamed(page, macro)
    if (isRefusal(found)) return found
    const isPlain = typeof body === 'string'
    const own = childNamed(found.element, isPlain ? 'ac:plain-text-body' : 'ac:rich-text-body')
    if (own === undefined) return refuse('macro-without-body')
    return withInner(page, own, isPlain ? cdata(body) : blocks(body))
  },
  'set-cell': (page, { table, row, cell, content }) => {
    const tables = page.all.filter(({ element }) => element.name === 'table')
    const target = rowsOf(tables[table]?.element)[row]
    const found = target === undefined ? undefined : elementsOf(target.children)[cell]
    if (found === undefined) return refuse('cell-not-found')
    const inner = blocks(content)
    return withInner(page, found, inner === '' ? '<p />' : inner)
  },
  'tick-task': tickTask,
}

function blocks(content: MarkupDocument): string {
  return renderBlocks(content)
}

type Section = { readonly from: number; readonly to: number }

function inSection(
  page: Page,
  heading: HeadingReference,
  plan: (section: Section) => Splice,
): Splice | Refusal {
  const headings = page.all.filter(({ element }) => levelOf(element) !== undefined)
  const found = headings.filter(
    ({ element }) =>
      sameWords(wordsOf(element), heading.text) &&
      (heading.level === undefined || levelOf(element) === heading.level),
  )
  const one = pick({
    found,
    occurrence: heading.occurrence,
    missing: 'heading-not-found',
    several: 'heading-not-unique',
    candidates: headings.map(({ element }) => squeezed(wordsOf(element))),
  })
  return isRefusal(one) ? one : plan(sectionOf(page, one))
}

function levelOf({ name }: StorageElement): number | undefined {
  return /^h[1-6]$/.test(name) ? Number(name.slice(1)) : undefined
}

/** Up to the next heading of the same or a higher level among the neighbours, space at its end left out. */
function sectionOf(page: Page, { element, parent }: Placed): Section {
  const level = levelOf(element) ?? 1
  const siblings = parent?.children ?? page.nodes
  let to = element.end
  for (const node of siblings.slice(siblings.indexOf(element) + 1)) {
    if (node.kind === 'element' && (levelOf(node) ?? 7) <= level) break
    if (node.kind === 'element' || node.text.trim() !== '') to = node.end
  }
  return { from: element.end, to }
}

/** On a page of columns, the last or first column takes what goes to an end. */
function columnsOf({ nodes }: Page): StorageElement[] {
  const elements = elementsOf(nodes)
  const [layout] = elements
  if (elements.length !== 1 || layout?.name !== 'ac:layout') return []
  return elementsOf(layout.children)
    .flatMap((section) => elementsOf(section.children))
    .filter(({ name }) => name === 'ac:layout-cell')
}

function atEnd(page: Page, text: string): Splice {
  const column = columnsOf(page).at(-1)
  if (column === undefined) return { start: page.source.length, end: page.source.length, text }
  if (isEmptyTag(column)) return withInner(page, column, text)
  return { start: column.innerEnd, end: column.innerEnd, text }
}

function atStart(page: Page, text: string): Splice {
  const [column] = columnsOf(page)
  if (column === undefined) return { start: 0, end: 0, text }
  if (isEmptyTag(column)) return withInner(page, column, text)
  return { start: column.innerStart, end: column.innerStart, text }
}

function isEmptyTag({ innerStart, end }: StorageElement): boolean {
  return innerStart === end
}

/** The same element around something else; an empty tag becomes two. */
function withInner({ source }: Page, element: StorageElement, inner: string): Splice {
  if (!isEmptyTag(element)) return { start: element.innerStart, end: element.innerEnd, text: inner }
  const opening = source.slice(element.start, element.end).replace(/\s*\/>$/, '>')
  return { start: element.start, end: element.end, text: `${opening}${inner}</${element.name}>` }
}

function atNode(
  page: Page,
  path: NodePath,
  plan: (placed: Placed) => Splice | Refusal,
): Splice | Refusal {
  let parent: StorageElement | undefined
  let children = page.nodes
  for (const [depth, place] of path.entries()) {
    const element = elementsOf(children)[place]
    if (element === undefined) return refuse('node-not-found')
    if (depth === path.length - 1) return plan({ element, parent })
    parent = element
    children = element.children
  }
  return refuse('node-not-found')
}

const flowNames: ReadonlySet<string> = new Set([
  'li',
  'td',
  'th',
  'blockquote',
  'div',
  'ac:layout-cell',
  'ac:rich-text-body',
  'ac:task-body',
])
const lineNames: ReadonlySet<string> = new Set(
  'p h1 h2 h3 h4 h5 h6 strong b em i u s del ins sub sup span a small big'.split(' '),
)
/** Their children belong together. */
const indivisible: ReadonlySet<string> = new Set(
  'ac:task ac:structured-macro ac:layout ac:layout-section ac:link ac:image table'.split(' '),
)

/** Blocks where blocks may stand, text where only text may, nothing anywhere else. */
function fitting(content: MarkupDocument, parent: StorageElement | undefined): string | undefined {
  if (parent === undefined || flowNames.has(parent.name)) return blocks(content)
  return lineNames.has(parent.name) ? inlineStorage(content) : undefined
}

const unread: ReadonlySet<string> = new Set([
  'ac:parameter',
  'ac:task-id',
  'ac:task-uuid',
  'ac:task-status',
  'colgroup',
])

function* textsOf(nodes: readonly StorageNode[]): Generator<StorageText> {
  for (const node of nodes) {
    if (node.kind === 'text') yield node
    else if (!unread.has(node.name)) yield* textsOf(node.children)
  }
}

function replaceText(
  page: Page,
  { find, replacement, occurrence }: Extract<MarkupEdit, { kind: 'replace-text' }>,
): Splice | Refusal {
  const found = [...textsOf(page.nodes)].flatMap((node) =>
    placesOf(node.text, find).map((at) => ({ node, at })),
  )
  const one = pick({
    found,
    occurrence,
    missing: 'text-not-found',
    several: 'text-not-unique',
    candidates: found.map(({ node }) => squeezed(node.text).slice(0, 100)),
  })
  if (isRefusal(one)) return one
  const { node, at } = one
  if (node.isCdata) return inCdata(node, { at, find, replacement })
  const offsets = offsetsOf(page.source, node)
  const start = offsets[at] ?? node.start
  const end = offsets[at + find.length] ?? node.end
  return { start, end, text: escapeXml(replacement) }
}

function placesOf(words: string, find: string): number[] {
  const places: number[] = []
  if (find === '') return places
  for (let at = words.indexOf(find); at !== -1; at = words.indexOf(find, at + find.length))
    places.push(at)
  return places
}

type Words = { readonly at: number; readonly find: string; readonly replacement: string }

/** The whole section is written anew, as its end may come to stand in it. */
function inCdata({ start, end, text }: StorageText, { at, find, replacement }: Words): Splice {
  const words = text.slice(0, at) + replacement + text.slice(at + find.length)
  return { start, end, text: cdata(words) }
}

const step = /&[^;<&\s]{1,40};|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|\r\n|[\s\S]/g

/** For each unit of the text its place in the source: references are longer there than what they say. */
// oxlint-disable-next-line complexity -- one condition after the other, each of its own
function offsetsOf(source: string, { start, end, text }: StorageText): number[] {
  const offsets: number[] = []
  let at = 0
  for (const match of source.slice(start, end).matchAll(step)) {
    const [written] = match
    if (written.startsWith('<')) continue
    const isReference = written.startsWith('&') && !text.startsWith(written, at)
    // A reference may stand for two units, and for a name that nobody knows it stands for itself.
    const units = isReference
      ? (text.codePointAt(at) ?? 0) > 0xff_ff
        ? 2
        : 1
      : written === '\r\n'
        ? 1
        : written.length
    for (let unit = 0; unit < units; unit += 1)
      offsets.push(start + match.index + (isReference || written === '\r\n' ? 0 : unit))
    at += units
  }
  offsets.push(end)
  return offsets
}

function macroNamed(page: Page, { name, occurrence }: MacroReference): Placed | Refusal {
  const macros = page.all.filter(({ element }) => element.name === 'ac:structured-macro')
  return pick({
    found: macros.filter(({ element }) => element.attributes['ac:name'] === name),
    occurrence,
    missing: 'macro-not-found',
    several: 'macro-not-unique',
    candidates: macros.map(({ element }) => element.attributes['ac:name'] ?? ''),
  })
}

type Setting = { readonly parameter: string; readonly value: string | undefined }

function setParameter(page: Page, macro: StorageElement, { parameter, value }: Setting): Splice {
  const all = elementsOf(macro.children).filter(({ name }) => name === 'ac:parameter')
  const own = all.find(({ attributes }) => attributes['ac:name'] === parameter)
  if (value === undefined)
    return own === undefined
      ? { start: macro.end, end: macro.end, text: '' }
      : { start: own.start, end: own.end, text: '' }
  if (own !== undefined) return withInner(page, own, escapeXml(value))
  const written = `<ac:parameter ac:name="${escapeXml(parameter)}">${escapeXml(value)}</ac:parameter>`
  const last = all.at(-1)
  if (last !== undefined) return { start: last.end, end: last.end, text: written }
  if (isEmptyTag(macro)) return withInner(page, macro, written)
  return { start: macro.innerStart, end: macro.innerStart, text: written }
}

function rowsOf(table: StorageElement | undefined): StorageElement[] {
  return elementsOf(table?.children ?? []).flatMap((part) => {
    if (part.name === 'tr') return [part]
    return ['tbody', 'thead', 'tfoot'].includes(part.name) ? elementsOf(part.children) : []
  })
}

function tickTask(
  page: Page,
  { task, done }: Extract<MarkupEdit, { kind: 'tick-task' }>,
): Splice | Refusal {
  const tasks = page.all.filter(({ element }) => element.name === 'ac:task')
  const one = pickTask(tasks, task, ({ element }) => taskWords(element))
  if (isRefusal(one)) return one
  const status = childNamed(one.element, 'ac:task-status')
  return status === undefined
    ? refuse('task-not-found')
    : withInner(page, status, done ? 'complete' : 'incomplete')
}

/** Its own words, without those of the tasks below it. */
function taskWords(task: StorageElement): string {
  const body = childNamed(task, 'ac:task-body')
  return (body?.children ?? [])
    .filter((node) => node.kind === 'text' || node.name !== 'ac:task-list')
    .map(wordsOf)
    .join('')
}
