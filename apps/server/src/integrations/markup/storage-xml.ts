import {
  parseXml,
  type XmlCdata,
  XmlElement,
  XmlError,
  type XmlNode,
  XmlText,
} from '@rgrove/parse-xml'
import { htmlEntity } from './html-entities.ts'
import { nodeDepthMax, storageLengthMax } from './limits.ts'

/** Offsets are UTF-16 units of the source; `end` is the first behind. */
export type StorageElement = {
  readonly kind: 'element'
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly StorageNode[]
  readonly start: number
  readonly end: number
  /** Between the tags; of an empty tag both are `end`. */
  readonly innerStart: number
  readonly innerEnd: number
}

export type StorageText = {
  readonly kind: 'text'
  readonly text: string
  readonly isCdata: boolean
  readonly start: number
  readonly end: number
}

export type StorageNode = StorageElement | StorageText

export type StorageTree =
  | { readonly kind: 'tree'; readonly source: string; readonly nodes: readonly StorageNode[] }
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'too-large' }

const wrapper = '<x>'

/**
 * Reads storage format as the XML that it is: strictly, with the named entities of HTML, every node
 * with its place in the source.
 *
 * @returns a refusal for what is not well-formed, too long, or nested too deeply. Never throws.
 */
export function readStorage(source: string): StorageTree {
  if (source.length > storageLengthMax) return { kind: 'refused', reason: 'too-large' }
  try {
    const { root } = parseXml(`${wrapper}${source}</x>`, {
      includeOffsets: true,
      preserveCdata: true,
      ignoreUndefinedEntities: true,
      resolveUndefinedEntity: (reference) => htmlEntity(reference.slice(1, -1)),
    })
    const nodes = root === null ? [] : childrenOf(root, source, 0)
    return nodes === undefined
      ? { kind: 'refused', reason: 'too-large' }
      : { kind: 'tree', source, nodes }
  } catch (error) {
    if (error instanceof XmlError) return { kind: 'refused', reason: 'malformed' }
    // Thousands of elements in each other exhaust the stack of the parser.
    if (error instanceof RangeError) return { kind: 'refused', reason: 'too-large' }
    throw error
  }
}

function childrenOf(element: XmlElement, source: string, depth: number): StorageNode[] | undefined {
  if (depth > nodeDepthMax) return undefined
  const nodes: StorageNode[] = []
  for (const child of element.children) {
    const node = nodeOf(child, source, depth)
    if (node === undefined) return undefined
    if (node !== 'nothing') nodes.push(node)
  }
  return nodes
}

function nodeOf(node: XmlNode, source: string, depth: number): StorageNode | 'nothing' | undefined {
  const [start, end] = [node.start - wrapper.length, node.end - wrapper.length]
  if (node instanceof XmlElement) {
    const children = childrenOf(node, source, depth + 1)
    return children && { ...tagsOf(source, start, end), ...element(node), children, start, end }
  }
  if (!(node instanceof XmlText)) return 'nothing'
  const isCdata = (node as XmlText | XmlCdata).type === 'cdata'
  return { kind: 'text', text: node.text, isCdata, start, end }
}

function element({ name, attributes }: XmlElement) {
  return { kind: 'element' as const, name, attributes: { ...attributes } }
}

/** A tag ends at the first `>` outside of quotes; the source is known to be well-formed. */
function tagsOf(source: string, start: number, end: number) {
  let quote = ''
  for (let index = start; index < end; index += 1) {
    const sign = source.charAt(index)
    if (quote !== '') quote = sign === quote ? '' : quote
    else if (sign === '"' || sign === "'") quote = sign
    else if (sign === '>') {
      const isEmpty = source.charAt(index - 1) === '/'
      return isEmpty
        ? { innerStart: end, innerEnd: end }
        : { innerStart: index + 1, innerEnd: source.lastIndexOf('</', end - 1) }
    }
  }
  return { innerStart: end, innerEnd: end }
}

/** All words of a node, without its tags. */
export function wordsOf(node: StorageNode): string {
  return node.kind === 'text' ? node.text : node.children.map(wordsOf).join('')
}

export function elementsOf(nodes: readonly StorageNode[]): StorageElement[] {
  return nodes.filter((node) => node.kind === 'element')
}

export function childNamed({ children }: StorageElement, name: string): StorageElement | undefined {
  return elementsOf(children).find((child) => child.name === name)
}

/** Text of an element or an attribute. */
export function escapeXml(words: string): string {
  return words
    .toWellFormed()
    .replaceAll(unwritable, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

// oxlint-disable-next-line no-control-regex -- XML has no way at all to hold these
const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

/** Nothing ends a CDATA section but its own end, which is cut in two. */
export function cdata(words: string): string {
  const clean = words.toWellFormed().replaceAll(unwritable, '')
  return `<![CDATA[${clean.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
