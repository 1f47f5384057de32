import type { Token, Tokens } from 'marked'
import { createContext, Fragment, memo, type ReactNode, use, useMemo, useState } from 'react'
import { safeAddress } from '../lib/safe-address.ts'
import { CodeBlock } from './code-block.tsx'
import { createGrowingLexer } from './markdown-blocks.ts'
import { letterDirection, readText } from './markdown-direction.ts'

type Drawing = {
  /** Depth of the highest heading of the text, and its level on this page. */
  readonly highestDepth: number
  readonly headingLevel: number
  readonly codeLabel: string
}

/** What `[1]` in a text opens. */
export type Citing = {
  /** Name of the mark for a screen reader; undefined for a number that stands for nothing. */
  readonly label: (number: number) => string | undefined
  readonly onOpen: (number: number) => void
}

const CitingContext = createContext<Citing | undefined>(undefined)

/**
 * Shows Markdown that a model or a stranger wrote: no raw HTML (it is shown as text), no images
 * (their description is shown), links with their host in sight, each block in its own direction.
 *
 * @param headingLevel level of the highest heading of the text on this page
 * @param codeLabel name of a code block for a screen reader; a wide one can be scrolled by keyboard
 * @param isGrowing more will follow: what is still open at the end is closed for the eye
 */
export function Markdown({
  text,
  headingLevel = 3,
  codeLabel,
  isGrowing = false,
  cite,
}: {
  readonly text: string
  readonly isGrowing?: boolean
  readonly cite?: Citing
  readonly headingLevel?: 2 | 3 | 4
  readonly codeLabel: string
}) {
  const [lex] = useState(createGrowingLexer)
  const blocks = useMemo(() => lex(text, isGrowing), [lex, text, isGrowing])
  const depths = blocks.flatMap((token) => (token.type === 'heading' ? [Number(token.depth)] : []))
  const highestDepth = Math.min(...depths)
  const drawing = useMemo(
    () => ({ headingLevel, highestDepth, codeLabel }),
    [headingLevel, highestDepth, codeLabel],
  )
  return (
    <CitingContext value={cite}>
      <div className="flex flex-col gap-3 wrap-anywhere">
        {blocks.map((token, index) => (
          <TopBlock key={index} token={token} drawing={drawing} />
        ))}
      </div>
    </CitingContext>
  )
}

type BlockProps = { readonly token: Token; readonly drawing: Drawing }

/** A block that is finished keeps its token, and is not drawn again while more is written. */
const TopBlock = memo(function TopBlock({ token, drawing }: BlockProps) {
  if (token.type === 'space' || token.type === 'def') return undefined
  const dir = letterDirection(readText(token))
  const lang = dir === 'rtl' ? 'he' : undefined
  return (
    <div dir={dir} lang={lang}>
      {drawBlock(token, drawing)}
    </div>
  )
})

function drawBlocks(tokens: readonly Token[], drawing: Drawing): ReactNode {
  return tokens.map((token, index) => <Fragment key={index}>{drawBlock(token, drawing)}</Fragment>)
}

type Draw = (token: never, drawing: Drawing) => ReactNode

const blocks: Readonly<Record<string, Draw>> = {
  space: () => undefined,
  def: () => undefined,
  hr: () => <hr className="border-line" />,
  paragraph: ({ tokens }: Tokens.Paragraph) => <p className="text-start">{drawInlines(tokens)}</p>,
  heading: (token: Tokens.Heading, drawing) => <Heading token={token} drawing={drawing} />,
  list: (token: Tokens.List, drawing) => <List token={token} drawing={drawing} />,
  blockquote: ({ tokens }: Tokens.Blockquote, drawing) => (
    <blockquote className="flex flex-col gap-2 border-s-2 border-line ps-3 text-muted">
      {drawBlocks(tokens, drawing)}
    </blockquote>
  ),
  code: ({ text, lang = '' }: Tokens.Code, { codeLabel }) => (
    <pre
      dir="ltr"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      role="region"
      aria-label={codeLabel}
      className="overflow-x-auto rounded-field bg-sunken p-3 text-sm"
    >
      <CodeBlock text={text} language={lang.split(/\s/, 1)[0] ?? ''} />
    </pre>
  ),
  table: (token: Tokens.Table, { codeLabel: _ }) => <Table token={token} />,
}

/** Inline tokens stand where blocks do in tight list items; raw HTML is shown as the text it is. */
function drawBlock(token: Token, drawing: Drawing): ReactNode {
  const draw = blocks[token.type]
  if (draw !== undefined) return draw(token as never, drawing)
  if (token.type === 'html') return <p className="text-start">{token.raw.trimEnd()}</p>
  return drawInline(token)
}

/** Fits below the headings of the page, and looks as far below them as it is. */
function Heading({
  token,
  drawing: { headingLevel, highestDepth },
}: {
  readonly token: Tokens.Heading
  readonly drawing: Drawing
}) {
  const rank = token.depth - highestDepth
  const Level = `h${Math.min(6, headingLevel + rank)}` as 'h2' | 'h3' | 'h4' | 'h5' | 'h6'
  return <Level className={headingClasses[rank] ?? lowHeading}>{drawInlines(token.tokens)}</Level>
}

const lowHeading = 'pt-1 text-start text-sm font-semibold text-muted'
const headingClasses = ['pt-2 text-start text-lg font-semibold', 'pt-1 text-start font-semibold']

function List({ token, drawing }: { readonly token: Tokens.List; readonly drawing: Drawing }) {
  const items = token.items.map((item, index) => (
    <li key={index} className="ps-1 text-start">
      {drawBlocks(item.tokens, drawing)}
    </li>
  ))
  const className = 'flex flex-col gap-1.5 ps-6 marker:text-muted'
  if (!token.ordered) return <ul className={`${className} list-disc`}>{items}</ul>
  return (
    <ol start={token.start === '' ? 1 : token.start} className={`${className} list-decimal`}>
      {items}
    </ol>
  )
}

function Table({ token }: { readonly token: Tokens.Table }) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index} scope="col" className="border border-line px-2 py-1 text-start">
                <bdi>{drawInlines(cell.tokens)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, rowIndex) => (
            <tr key={rowIndex}>
              {row.map((cell, index) => (
                <td key={index} className="border border-line px-2 py-1 text-start">
                  <bdi>{drawInlines(cell.tokens)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function drawInlines(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{drawInline(token)}</Fragment>)
}

type DrawInline = (token: never) => ReactNode

const inlines: Readonly<Record<string, DrawInline>> = {
  text: ({ tokens, text }: Tokens.Text) =>
    tokens === undefined ? <CitingText text={withoutEntities(text)} /> : drawInlines(tokens),
  escape: ({ text }: Tokens.Escape) => text,
  strong: ({ tokens }: Tokens.Strong) => (
    <strong className="font-semibold">{drawInlines(tokens)}</strong>
  ),
  // Slanted Hebrew is unreadable (HE-14).
  em: ({ tokens }: Tokens.Em) => <em className="font-medium not-italic">{drawInlines(tokens)}</em>,
  del: ({ tokens }: Tokens.Del) => <del>{drawInlines(tokens)}</del>,
  codespan: ({ text }: Tokens.Codespan) => (
    <code dir="ltr" className="rounded bg-sunken px-1 text-[0.9em]">
      {text}
    </code>
  ),
  br: () => <br />,
  checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  link: (token: Tokens.Link) => <Link token={token} />,
  image: ({ text }: Tokens.Image) => `[${text}]`,
}

function drawInline(token: Token): ReactNode {
  const draw = inlines[token.type]
  return draw === undefined ? token.raw : draw(token as never)
}

/** Text with its marks such as `[1]` to press, where they stand for something. */
function CitingText({ text }: { readonly text: string }) {
  const cite = use(CitingContext)
  if (cite === undefined || !text.includes('[')) return text
  return text.split(/(\[\d{1,3}\])/).map((piece, index) => {
    const number = Number(/^\[(\d{1,3})\]$/.exec(piece)?.[1])
    const label = Number.isNaN(number) ? undefined : cite.label(number)
    if (label === undefined) return <Fragment key={index}>{piece}</Fragment>
    return (
      <button
        key={index}
        type="button"
        dir="ltr"
        aria-label={label}
        onClick={() => cite.onOpen(number)}
        className="mx-0.5 cursor-pointer rounded-sm bg-accent-soft px-1 text-sm text-accent-ink hover:underline"
      >
        {piece}
      </button>
    )
  })
}

function Link({ token }: { readonly token: Tokens.Link }) {
  const address = safeAddress(token.href)
  const text = <bdi>{drawInlines(token.tokens)}</bdi>
  if (address === undefined) return text
  const isHostInSight = token.text.includes(address.host)
  return (
    <>
      <a className="link" href={address.href} target="_blank" rel="noopener noreferrer nofollow">
        {text}
      </a>
      {!isHostInSight && (
        <span dir="ltr" className="text-sm text-muted">
          {` (${address.host})`}
        </span>
      )}
    </>
  )
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00A0',
}

/** Markdown may write characters as HTML does (CommonMark §2.5); React writes text as it is. */
function withoutEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#[xX][\da-fA-F]{1,6}|\w+);/g, (whole, entity: string) =>
    entity.startsWith('#') ? character(entity.slice(1)) : (named[entity] ?? whole),
  )
}

function character(code: string): string {
  const number = Number(/^x/i.test(code) ? `0${code}` : code)
  return number > 0 && number <= 0x10ffff ? String.fromCodePoint(number) : '\uFFFD'
}
