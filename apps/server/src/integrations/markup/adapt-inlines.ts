import { byType, someByType } from './by-type.ts'
import type { Feature } from './capabilities.ts'
import {
  type Emoji,
  type Image,
  type Inline,
  leafText,
  type Leaf,
  type Mark,
  type MarkupFormat,
  type Mention,
  type Text,
  text,
} from './document.ts'
import { isAbsolute } from './links.ts'
import { joinTexts, normalizeInlines } from './normalize.ts'
import { wikiSymbolOf } from './emoticons.ts'

export type Hand = {
  readonly format: MarkupFormat
  /** Notes something that the format cannot say. */
  readonly lose: (feature: Feature) => void
}

/** Inlines as the format can say them. */
export function adaptInlines(content: readonly Inline[], hand: Hand): Inline[] {
  const adapted = joinTexts(content).flatMap((inline): Inline[] => {
    if (inline.type === 'text') return adaptText(inline, hand)
    return inline.type === 'break' ? [inline] : adaptLeaf(withoutKept(inline, hand), hand)
  })
  const plain = normalizeInlines(adapted)
  if (hand.format !== 'wiki') return plain
  return normalizeInlines(apart(wikiMarks(plain, hand), hand))
}

/** Behind a letter the sign of an image is only a sign. */
function apart(content: readonly Inline[], { lose }: Hand): Inline[] {
  return content.flatMap((inline, index): Inline[] => {
    const before = content[index - 1]
    const isBeside = before?.type === 'text' && /[\p{L}\p{Nd}]$/u.test(before.text)
    if (inline.type !== 'image' || !isBeside) return [inline]
    lose('inline-image')
    return [text(' '), inline]
  })
}

function withoutKept<L extends Leaf>(leaf: L, { format, lose }: Hand): L {
  if (!('kept' in leaf) || leaf.kept === undefined || leaf.kept.format === format) return leaf
  const { kept, ...rest } = leaf
  if (Object.keys(kept.attributes).some((name) => name !== 'localId')) lose('foreign-attributes')
  return rest as L
}

function adaptText(inline: Text, hand: Hand): Inline[] {
  const isCode = inline.marks.some(({ type }) => type === 'code')
  const marks = inline.marks.filter((mark) => keepsMark(mark, inline, { isCode, hand }))
  const link = inline.marks.find(({ type }) => type === 'link')
  const words: Text = { ...inline, marks }
  if (link?.type !== 'link') return [words]
  if (hand.format === 'wiki' && marks.includes(link)) return [withSafeLink(words, link, hand)]
  if (marks.includes(link) || inline.text === link.href) return [words]
  return [words, text(` (${link.href})`)]
}

/** Signs that are structure in wiki markup, as addresses write them too. */
function withSafeLink(inline: Text, link: Extract<Mark, { type: 'link' }>, { lose }: Hand): Text {
  const href = percentEncoded(link.href)
  if (href === link.href) return inline
  lose('link-signs')
  const text = inline.text === link.href ? href : inline.text
  return {
    ...inline,
    text,
    marks: inline.marks.map((mark) => (mark === link ? { ...link, href } : mark)),
  }
}

function percentEncoded(href: string): string {
  return href.replaceAll(/[[\]|{}\\^!]/g, (sign) => encodeURIComponent(sign).replace('!', '%21'))
}

type Where = { readonly isCode: boolean; readonly hand: Hand }

function keepsMark(mark: Mark, inline: Text, { isCode, hand }: Where): boolean {
  const isBeside = isCode && hand.format === 'adf' && !besideCode.has(mark.type)
  const feature = isBeside ? 'mark-on-code' : lostOf(mark, inline, hand.format)
  if (feature !== undefined) hand.lose(feature)
  return feature === undefined
}

const besideCode: ReadonlySet<Mark['type']> = new Set(['code', 'link', 'foreign'])

/** What a format has no sign for. */
const lostOf = someByType<Mark, [inline: Text, format: MarkupFormat], Feature | undefined>(
  {
    link: ({ href }, _inline, format) =>
      isRich({ format }) || isAbsolute(href) ? undefined : 'relative-link',
    color: (_mark, _inline, format) => (format === 'markdown' ? 'color' : undefined),
    background: (_mark, _inline, format) => (isRich({ format }) ? undefined : 'background'),
    foreign: (mark, _inline, format) => (mark.format === format ? undefined : 'foreign-mark'),
    subscript: (_mark, { marks }, format) =>
      format === 'adf' && marks.some(({ type }) => type === 'superscript')
        ? 'sub-and-superscript'
        : undefined,
  },
  () => undefined,
)

const strong: Mark = { type: 'strong' }

const isRich = ({ format }: Pick<Hand, 'format'>) => format === 'adf' || format === 'storage'

const adaptLeaf = byType<Leaf, [hand: Hand], Inline[]>({
  mention: (leaf, hand) => [adaptMention(leaf, hand)],
  emoji: adaptEmoji,
  date: (leaf, hand) => (isRich(hand) ? [leaf] : lost('date', text(leaf.date), hand)),
  status: (leaf, hand) => (isRich(hand) ? [leaf] : lost('status', text(leaf.text, strong), hand)),
  image: adaptImage,
  macro: (leaf, hand) =>
    isRich(hand) && leaf.body?.kind !== 'rich' ? [leaf] : lost('macro', text(leafText(leaf)), hand),
  opaque: (leaf, hand) =>
    leaf.format === hand.format ? [leaf] : lost('opaque', text(leafText(leaf)), hand),
})

/** @returns the words that stand for it */
function lost(feature: Feature, words: Inline, { lose }: Hand): Inline[] {
  lose(feature)
  return [words]
}

function adaptMention(mention: Mention, { format, lose }: Hand): Inline {
  const isKnown = {
    markdown: false,
    adf: mention.by === 'account',
    wiki: mention.by !== 'key' && /^[^\s[\]|{}]+$/.test(mention.id),
    storage: true,
  }[format]
  if (!isKnown) {
    lose('mention')
    return text(leafText(mention))
  }
  if (format === 'adf' || mention.text === undefined) return mention
  lose('mention-name')
  const { text: _shown, ...rest } = mention
  return rest
}

function adaptEmoji(emoji: Emoji, { format, lose }: Hand): Inline[] {
  if (format === 'adf' || format === 'storage') return [emoji]
  if (format === 'wiki' && wikiSymbolOf(emoji) !== undefined) return [emoji]
  lose('emoji')
  return [text(leafText(emoji))]
}

function adaptImage(image: Image, { format, lose }: Hand): Inline[] {
  const { source } = image
  if (source.kind === 'attachment' && (format === 'markdown' || format === 'adf')) {
    lose('image-attachment')
    return [text(leafText(image))]
  }
  if (source.kind === 'media' && format !== 'adf') {
    lose('image-media')
    return [text(leafText(image))]
  }
  if (source.kind === 'url' && format === 'adf') {
    lose('inline-image')
    return [text(leafText(image), { type: 'link', href: source.url })]
  }
  return imageInWiki(sizedFor(image, { format, lose }), { format, lose })
}

/** Between the signs of an image nothing can be escaped. */
export function imageInWiki(image: Image, { format, lose }: Hand): [Image | Text] {
  const { source, alt, ...rest } = image
  if (format !== 'wiki') return [image]
  if (source.kind === 'attachment' && !/^[^\s!|{}[\]\\^][^!|{}[\]\\^\n]*\.\w+$/.test(source.name)) {
    lose('image-attachment')
    return [text(leafText(image))]
  }
  const url = source.kind === 'url' ? percentEncoded(source.url) : ''
  if (source.kind === 'url' && url !== source.url) lose('link-signs')
  const safe: Image = { ...rest, source: source.kind === 'url' ? { kind: 'url', url } : source }
  if (alt === undefined) return [safe]
  if (!/[,|!{}[\]\\\n]/.test(alt)) return [{ ...safe, alt }]
  lose('image-alt')
  return [safe]
}

export function sizedFor(image: Image, { format, lose }: Hand): Image {
  const { width, height, ...rest } = image
  if (format !== 'markdown' || (width === undefined && height === undefined)) return image
  lose('image-size')
  return rest
}

/** What the renderer of Jira looks for between two signs; joiners and direction marks are not in it. */
const markable = /^[\p{L}\p{Nd}\p{Z}\p{S}\p{M}\p{P}]+$/u

const signs: ReadonlySet<string> = new Set([
  'strong',
  'emphasis',
  'strike',
  'underline',
  'superscript',
  'subscript',
  'code',
])

function wikiMarks(content: readonly Inline[], { lose }: Hand): Inline[] {
  return content.map((inline) => {
    if (inline.type !== 'text' || markable.test(inline.text)) return inline
    const marks = inline.marks.filter(({ type }) => !signs.has(type))
    if (marks.length === inline.marks.length) return inline
    lose('mark-on-signs')
    return { ...inline, marks }
  })
}
