import { adfToText } from './adf-text.ts'
import { type Block, type MarkupDocument, paragraph } from './document.ts'
import type { EditOutcome, HeadingReference, MacroReference, MarkupEdit } from './edits.ts'
import { linesOfBlocks } from './lines-of-blocks.ts'
import { joinLines } from './normalize.ts'
import { isRefusal, pick, pickTask, type Refusal, refuse, sameWords, squeezed } from './pick.ts'
import {
  type AdfDocument,
  type AdfNode,
  macroExtension,
  plainBody,
  renderAdf,
} from './render-adf.ts'

/**
 * Makes all edits in their order, or none. Nodes that no edit means are the very same objects in the
 * result. Never throws.
 */
export function editAdf(
  source: AdfDocument,
  edits: readonly MarkupEdit[],
): EditOutcome<AdfDocument> {
  let edited: AdfNode = source
  for (const [index, edit] of edits.entries()) {
    const page: Page = { doc: edited, all: [...walk(edited, [])] }
    const result: AdfNode | Refusal = planners[edit.kind](page, edit as never)
    if (isRefusal(result)) return { ...result, index }
    edited = result
  }
  return { kind: 'edited', source: edited as AdfDocument }
}

type Path = readonly number[]
type Placed = { readonly node: AdfNode; readonly path: Path }
type Page = { readonly doc: AdfNode; readonly all: readonly Placed[] }

const depthMax = 200

function* walk(node: AdfNode, path: Path): Generator<Placed> {
  if (path.length > depthMax) return
  for (const [index, child] of contentOf(node).entries()) {
    const placed = { node: child, path: [...path, index] }
    yield placed
    yield* walk(child, placed.path)
  }
}

function contentOf({ content }: AdfNode): readonly AdfNode[] {
  return content ?? []
}

type Planners = {
  readonly [Kind in MarkupEdit['kind']]: (
    page: Page,
    edit: Extract<MarkupEdit, { kind: Kind }>,
  ) => AdfNode | Refusal
}

const planners: Planners = {
  'replace-section': (page, { heading, content }) =>
    inSection(page, heading, ({ from, to }) => ({ from, to, content })),
  'append-to-section': (page, { heading, content }) =>
    inSection(page, heading, ({ to }) => ({ from: to, to, content })),
  'insert-after-heading': (page, { heading, content }) =>
    inSection(page, heading, ({ from }) => ({ from, to: from, content })),
  append: (page, { content }) => {
    const to = contentOf(page.doc).length
    return splice(page, [], { from: to, to, content })
  },
  prepend: (page, { content }) => splice(page, [], { from: 0, to: 0, content }),
  'insert-after': (page, { path, content }) =>
    beside(page, path, (at) => ({ from: at + 1, to: at + 1, content })),
  'replace-node': (page, { path, content }) =>
    beside(page, path, (at) => ({ from: at, to: at + 1, content })),
  'remove-node': (page, { path }) =>
    beside(page, path, (at) => ({ from: at, to: at + 1, content: { blocks: [] } })),
  'replace-text': replaceText,
  'set-macro-parameter': (page, { macro, parameter, value }) =>
    onMacro(page, macro, (node) => withParameter(node, parameter, value)),
  'set-macro-body': (page, { macro, body }) =>
    onMacro(page, macro, (node) => withBody(page, node, body)),
  'set-cell': (page, { table, row, cell, content }) => {
    const tables = page.all.filter(({ node }) => node.type === 'table')
    const path = [...(tables[table]?.path ?? []), row, cell]
    const found = tables[table] === undefined ? undefined : nodeAt(page.doc, path)
    if (found === undefined) return refuse('cell-not-found')
    return replaceAt(page.doc, path, {
      ...found,
      content: fresh(page, fitting(content, found) ?? []),
    })
  },
  'tick-task': (page, { task, done }) => {
    const tasks = page.all.filter(({ node }) => node.type === 'taskItem')
    const one = pickTask(tasks, task, ({ node }) => adfToText(node))
    if (isRefusal(one)) return one
    const attrs = { ...one.node.attrs, state: done ? 'DONE' : 'TODO' }
    return replaceAt(page.doc, one.path, { ...one.node, attrs })
  },
}

function nodeAt(doc: AdfNode, path: Path): AdfNode | undefined {
  let node: AdfNode | undefined = doc
  for (const place of path) node = node === undefined ? undefined : contentOf(node)[place]
  return node
}

/** Copies only the nodes above the one that changes. */
function replaceAt(node: AdfNode, path: Path, replacement: AdfNode): AdfNode {
  const [place, ...rest] = path
  if (place === undefined) return replacement
  const content = contentOf(node).map((child, index) =>
    index === place ? replaceAt(child, rest, replacement) : child,
  )
  return { ...node, content }
}

type Cut = { readonly from: number; readonly to: number; readonly content: MarkupDocument }

function splice(page: Page, path: Path, { from, to, content }: Cut): AdfNode | Refusal {
  const parent = nodeAt(page.doc, path)
  const nodes = parent === undefined ? undefined : fitting(content, parent)
  if (parent === undefined || nodes === undefined) return refuse('node-not-found')
  const children = contentOf(parent)
  const own = content.blocks.length === 0 ? [] : fresh(page, nodes)
  const left = [...children.slice(0, from), ...own, ...children.slice(to)]
  // Only a document and a line of text may hold nothing.
  if (left.length === 0 && !mayBeEmpty.has(parent.type)) return refuse('node-not-found')
  return replaceAt(page.doc, path, { ...parent, content: left })
}

const mayBeEmpty: ReadonlySet<string> = new Set([
  'doc',
  'paragraph',
  'heading',
  'taskItem',
  'caption',
])

function beside(page: Page, path: Path, cut: (at: number) => Cut): AdfNode | Refusal {
  const at = path.at(-1)
  if (at === undefined || nodeAt(page.doc, path) === undefined) return refuse('node-not-found')
  return splice(page, path.slice(0, -1), cut(at))
}

function levelOf({ type, attrs }: AdfNode): number | undefined {
  return type === 'heading' ? Number(attrs?.['level']) : undefined
}

function inSection(
  page: Page,
  heading: HeadingReference,
  cut: (section: { readonly from: number; readonly to: number }) => Cut,
): AdfNode | Refusal {
  const headings = page.all.filter(({ node }) => node.type === 'heading')
  const one = pick({
    found: headings.filter(
      ({ node }) =>
        sameWords(adfToText(node), heading.text) &&
        (heading.level === undefined || levelOf(node) === heading.level),
    ),
    occurrence: heading.occurrence,
    missing: 'heading-not-found',
    several: 'heading-not-unique',
    candidates: headings.map(({ node }) => squeezed(adfToText(node))),
  })
  if (isRefusal(one)) return one
  const parent = one.path.slice(0, -1)
  const from = (one.path.at(-1) ?? 0) + 1
  const siblings = contentOf(nodeAt(page.doc, parent) ?? page.doc)
  const level = levelOf(one.node) ?? 1
  const next = siblings.findIndex((node, index) => index >= from && (levelOf(node) ?? 7) <= level)
  return splice(page, parent, cut({ from, to: next === -1 ? siblings.length : next }))
}

/** Around the blocks for a place, so that they are written as that place takes them. */
const wrappers: Readonly<Record<string, (blocks: readonly Block[]) => Block>> = {
  panel: (blocks) => ({ type: 'panel', kind: 'info', blocks }),
  blockquote: (blocks) => ({ type: 'quote', blocks }),
  expand: (blocks) => ({ type: 'expand', blocks }),
  bodiedExtension: (blocks) => ({
    type: 'macro',
    name: 'x',
    parameters: [],
    body: { kind: 'rich', blocks },
  }),
  layoutColumn: (blocks) => ({
    type: 'layout',
    columns: [
      { width: 50, blocks },
      { width: 50, blocks: [] },
    ],
  }),
  listItem: (blocks) => ({ type: 'list', ordered: false, start: 1, items: [{ blocks }] }),
  tableCell: inCell,
  tableHeader: inCell,
  nestedExpand: (blocks) => inCell([{ type: 'expand', blocks }]),
}

/** How deep the place is in what its wrapper makes. */
const depths: Readonly<Record<string, number>> = {
  layoutColumn: 1,
  listItem: 1,
  tableCell: 2,
  tableHeader: 2,
  nestedExpand: 3,
}

function inCell(blocks: readonly Block[]): Block {
  return { type: 'table', rows: [{ cells: [{ header: false, blocks }] }] }
}

const lines: ReadonlySet<string> = new Set(['paragraph', 'heading', 'taskItem', 'decisionItem'])

/** Undefined where nothing of ours may stand. */
function fitting({ blocks }: MarkupDocument, parent: AdfNode): readonly AdfNode[] | undefined {
  if (parent.type === 'doc') return contentOf(renderAdf({ blocks }))
  if (lines.has(parent.type)) {
    const line = paragraph(joinLines(linesOfBlocks(blocks)))
    return contentOf(contentOf(renderAdf({ blocks: [line] }))[0] ?? parent)
  }
  const wrap = Object.hasOwn(wrappers, parent.type) ? wrappers[parent.type] : undefined
  if (wrap === undefined) return undefined
  const path = Array.from({ length: (depths[parent.type] ?? 0) + 1 }, () => 0)
  return contentOf(nodeAt(renderAdf({ blocks: [wrap(blocks)] }), path) ?? { type: 'doc' })
}

/** Ids that the page has already get another ending. */
function fresh(page: Page, nodes: readonly AdfNode[]): AdfNode[] {
  const taken = new Set(page.all.map(({ node }) => node.attrs?.['localId']))
  const renamed = (node: AdfNode): AdfNode => {
    const id = node.attrs?.['localId']
    const children = node.content === undefined ? {} : { content: node.content.map(renamed) }
    if (typeof id !== 'string') return { ...node, ...children }
    let free = id
    for (let count = 2; taken.has(free); count += 1) free = `${id}-${count}`
    taken.add(free)
    return { ...node, attrs: { ...node.attrs, localId: free }, ...children }
  }
  return nodes.map(renamed)
}

function replaceText(
  page: Page,
  { find, replacement, occurrence }: Extract<MarkupEdit, { kind: 'replace-text' }>,
): AdfNode | Refusal {
  const found = page.all.flatMap(({ node, path }) =>
    placesOf(node.type === 'text' ? (node.text ?? '') : '', find).map((at) => ({ node, path, at })),
  )
  const one = pick({
    found,
    occurrence,
    missing: 'text-not-found',
    several: 'text-not-unique',
    candidates: found.map(({ node }) => squeezed(node.text ?? '').slice(0, 100)),
  })
  if (isRefusal(one)) return one
  const { node, path, at } = one
  const words = node.text ?? ''
  const text = words.slice(0, at) + replacement + words.slice(at + find.length)
  if (text !== '') return replaceAt(page.doc, path, { ...node, text })
  return splice(page, path.slice(0, -1), {
    from: path.at(-1) ?? 0,
    to: (path.at(-1) ?? 0) + 1,
    content: { blocks: [] },
  })
}

function placesOf(words: string, find: string): number[] {
  const places: number[] = []
  if (find === '') return places
  for (let at = words.indexOf(find); at !== -1; at = words.indexOf(find, at + find.length))
    places.push(at)
  return places
}

function onMacro(
  page: Page,
  { name, occurrence }: MacroReference,
  change: (node: AdfNode) => AdfNode | Refusal,
): AdfNode | Refusal {
  const macros = page.all.filter(({ node }) => node.attrs?.['extensionType'] === macroExtension)
  const one = pick({
    found: macros.filter(({ node }) => node.attrs?.['extensionKey'] === name),
    occurrence,
    missing: 'macro-not-found',
    several: 'macro-not-unique',
    candidates: macros.map(({ node }) => String(node.attrs?.['extensionKey'])),
  })
  if (isRefusal(one)) return one
  const changed = change(one.node)
  return isRefusal(changed) ? changed : replaceAt(page.doc, one.path, changed)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withParameter(node: AdfNode, name: string, value: string | undefined): AdfNode {
  const given = node.attrs?.['parameters']
  const parameters = isRecord(given) ? given : {}
  const { macroParams } = parameters
  const { [name]: _old, ...others } = isRecord(macroParams) ? macroParams : {}
  const all =
    value === undefined
      ? others
      : { ...(isRecord(macroParams) ? macroParams : {}), [name]: { value } }
  return { ...node, attrs: { ...node.attrs, parameters: { ...parameters, macroParams: all } } }
}

function withBody(page: Page, node: AdfNode, body: string | MarkupDocument): AdfNode | Refusal {
  if (typeof body !== 'string')
    return node.type === 'bodiedExtension'
      ? { ...node, content: fresh(page, fitting(body, node) ?? []) }
      : refuse('macro-without-body')
  const given = node.attrs?.['parameters']
  const values = isRecord(given) ? given['macroParams'] : undefined
  return isRecord(values) && plainBody in values
    ? withParameter(node, plainBody, body)
    : refuse('macro-without-body')
}
