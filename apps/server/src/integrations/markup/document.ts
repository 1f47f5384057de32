import { byType } from './by-type.ts'

/**
 * Text with structure, in no vendor's format: what the four formats are read into and made from.
 *
 * A document is normal (`normalizeDocument`) when neighbouring texts with the same marks are one, the
 * edges of a block hold no spaces, and marks stand in the order of `markOrder`. Parsers give normal
 * documents, and renderers take any.
 */
export type MarkupDocument = { readonly blocks: readonly Block[] }

export type MarkupFormat = 'markdown' | 'adf' | 'wiki' | 'storage'

export type Block =
  | Paragraph
  | Heading
  | CodeBlock
  | Quote
  | Panel
  | Expand
  | List
  | Table
  | Image
  | Rule
  | Layout
  | Macro
  | Opaque

export type Paragraph = Kept & {
  readonly type: 'paragraph'
  readonly align?: Alignment
  readonly content: readonly Inline[]
}

export type Heading = Kept & {
  readonly type: 'heading'
  readonly level: HeadingLevel
  readonly align?: Alignment
  readonly content: readonly Inline[]
}

export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6

/** Away from the start, which is right in Hebrew; the start is what a paragraph has without one. */
export type Alignment = 'center' | 'end'

export type CodeBlock = Kept & {
  readonly type: 'code-block'
  /** As the format says it, in lower case. */
  readonly language?: string
  readonly title?: string
  readonly text: string
}

export type Quote = Kept & { readonly type: 'quote'; readonly blocks: readonly Block[] }

export type Panel = Kept & {
  readonly type: 'panel'
  readonly kind: PanelKind
  readonly title?: string
  /** `#rrggbb`, of a panel of the kind `custom` only. */
  readonly color?: string
  readonly blocks: readonly Block[]
}

export type PanelKind = 'info' | 'note' | 'success' | 'warning' | 'error' | 'custom'

export type Expand = Kept & {
  readonly type: 'expand'
  readonly title?: string
  readonly blocks: readonly Block[]
}

export type List = Kept & {
  readonly type: 'list'
  readonly ordered: boolean
  /** Number of the first item of an ordered list; 1 in other lists. */
  readonly start: number
  readonly items: readonly ListItem[]
}

export type ListItem = Kept & {
  /** Of a task; absent in an item that is none. */
  readonly done?: boolean
  readonly blocks: readonly Block[]
}

export type Table = Kept & { readonly type: 'table'; readonly rows: readonly TableRow[] }

export type TableRow = Kept & { readonly cells: readonly Cell[] }

export type Cell = Kept & {
  readonly header: boolean
  /** Absent: 1. */
  readonly colspan?: number
  readonly rowspan?: number
  readonly blocks: readonly Block[]
}

/** As a block where it stands alone, as an inline in a text. */
export type Image = Kept & {
  readonly type: 'image'
  readonly source: ImageSource
  readonly alt?: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
}

export type ImageSource =
  /** `http:` or `https:`. */
  | { readonly kind: 'url'; readonly url: string }
  /** A file of the same page or issue. */
  | { readonly kind: 'attachment'; readonly name: string }
  /** A file in Atlassian's media service. */
  | { readonly kind: 'media'; readonly id: string; readonly collection: string }

export type Rule = Kept & { readonly type: 'rule' }

/** Only at the top of a document. */
export type Layout = Kept & { readonly type: 'layout'; readonly columns: readonly Column[] }

export type Column = Kept & {
  /** Percent, with at most two digits behind the point. */
  readonly width: number
  readonly blocks: readonly Block[]
}

/** A macro of Confluence by its name, such as `toc`; a block, or an inline without a body of blocks. */
export type Macro = Kept & {
  readonly type: 'macro'
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly body?:
    | { readonly kind: 'plain'; readonly text: string }
    | { readonly kind: 'rich'; readonly blocks: readonly Block[] }
}

/** What the model does not know: given back byte for byte in its own format, a placeholder elsewhere. */
export type Opaque = {
  readonly type: 'opaque'
  readonly format: MarkupFormat
  /** In its format; JSON text of a node of ADF. */
  readonly source: string
  /** What a reader of another format sees, without brackets. */
  readonly label: string
}

export type Inline =
  | Text
  | { readonly type: 'break' }
  | Mention
  | Emoji
  | CalendarDate
  | Status
  | Image
  | Macro
  | Opaque

/** Never empty; holds neither line breaks nor control characters. */
export type Text = { readonly type: 'text'; readonly text: string; readonly marks: readonly Mark[] }

export type Mark =
  | { readonly type: SimpleMark }
  /** `http:`, `https:`, `mailto:`, or relative to the page it stands on. */
  | { readonly type: 'link'; readonly href: string; readonly title?: string }
  /** `#rrggbb` in lower case. */
  | { readonly type: 'color' | 'background'; readonly color: string }
  /** A mark that the model does not know: JSON of ADF, or the opening tag of storage. */
  | { readonly type: 'foreign'; readonly format: 'adf' | 'storage'; readonly source: string }

export type SimpleMark =
  | 'strong'
  | 'emphasis'
  | 'strike'
  | 'underline'
  | 'superscript'
  | 'subscript'
  | 'code'

export type Mention = Kept & {
  readonly type: 'mention'
  /** `account`: of Cloud; `name` and `key`: of Data Center. */
  readonly by: 'account' | 'name' | 'key'
  readonly id: string
  readonly text?: string
}

/** `shortName` with its colons, such as `:smile:`; `text` is the character. */
export type Emoji = Kept & {
  readonly type: 'emoji'
  readonly shortName: string
  readonly text?: string
}

/** `YYYY-MM-DD`. */
export type CalendarDate = Kept & { readonly type: 'date'; readonly date: string }

export type Status = Kept & {
  readonly type: 'status'
  readonly text: string
  readonly color: StatusColor
}

export type StatusColor = 'neutral' | 'purple' | 'blue' | 'red' | 'yellow' | 'green'

/** What a node carried beyond what the model says, given back in the same format and nowhere else. */
export type Kept = {
  readonly kept?: {
    readonly format: MarkupFormat
    readonly attributes: Readonly<Record<string, unknown>>
  }
}

/** A text without or with marks, in any order. */
export function text(words: string, ...marks: readonly Mark[]): Text {
  return { type: 'text', text: words, marks }
}

export function paragraph(content: readonly Inline[]): Paragraph {
  return { type: 'paragraph', content }
}

/** What a person reads, one line a block, without any markup. */
export function plainText(blocks: readonly Block[]): string {
  return blocks.map(blockText).join('\n')
}

const blockText = byType<Block, [], string>({
  paragraph: lineText,
  heading: lineText,
  'code-block': ({ text: words }) => words,
  quote: ({ blocks }) => plainText(blocks),
  panel: titledText,
  expand: titledText,
  list: ({ items }) => items.map(itemText).join('\n'),
  table: ({ rows }) => rows.map(({ cells }) => cells.map(cellText).join('\t')).join('\n'),
  layout: ({ columns }) => columns.map(({ blocks }) => plainText(blocks)).join('\n'),
  rule: () => '',
  image: leafText,
  macro: leafText,
  opaque: leafText,
})

function lineText({ content }: Paragraph | Heading): string {
  return inlineText(content)
}

function titledText({ title, blocks }: Panel | Expand): string {
  return [...(title === undefined ? [] : [title]), plainText(blocks)].join('\n')
}

function itemText({ done, blocks }: ListItem): string {
  return `${done === undefined ? '' : boxOf(done)}${plainText(blocks)}`
}

/** What stands before a task where there are no boxes. */
export function boxOf(done: boolean): string {
  return done ? '☑ ' : '☐ '
}

function cellText({ blocks }: Cell): string {
  return plainText(blocks)
}

export function inlineText(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (inline.type === 'text') return inline.text
      return inline.type === 'break' ? '\n' : leafText(inline)
    })
    .join('')
}

export type Leaf = Exclude<Inline, Text | { type: 'break' }>

/** The words for something that is no text. */
export function leafText(leaf: Leaf): string {
  return leafTexts(leaf)
}

const leafTexts = byType<Leaf, [], string>({
  mention: ({ text: shown, id }) => `@${(shown ?? id).replace(/^@/, '')}`,
  emoji: ({ text: shown, shortName }) => shown ?? shortName,
  date: ({ date }) => date,
  status: ({ text: shown }) => shown,
  image: ({ alt, source }) => alt ?? imageName(source),
  macro: ({ name }) => `[${name}]`,
  opaque: ({ label }) => `[${label}]`,
})

function imageName(source: ImageSource): string {
  if (source.kind === 'url') return source.url
  return source.kind === 'attachment' ? source.name : 'image'
}
