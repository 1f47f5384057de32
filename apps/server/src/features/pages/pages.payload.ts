import { createHash } from 'node:crypto'
import type { PublicationPreview } from '@studioops/contracts/pages'
import { z } from 'zod'
import { editStorage, parseMarkdown, renderStorage } from '../../integrations/markup/markup.ts'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import { AppError } from '../../platform/errors/app-error.ts'

/** Where the marker of a page stands: a property that people do not see. */
export const markerProperty = 'studioops'

export const createPayload = z.object({
  spaceKey: z.string(),
  title: z.string(),
  storage: z.string(),
  marker: z.string(),
})
export type CreatePayload = z.output<typeof createPayload>

export const updatePayload = z.object({
  pageId: z.string(),
  title: z.string(),
  storage: z.string(),
  /** The version that was shown; the change becomes the next one. */
  basedOn: z.number(),
  /** Holds the marker; stands in the history of the page. */
  message: z.string(),
  marker: z.string(),
})
export type UpdatePayload = z.output<typeof updatePayload>

export const pageTarget = z.object({ spaceKey: z.string(), baseUrl: z.string() })
export type PageTarget = z.output<typeof pageTarget>

/** One write that waits for approval. */
export type Publication = {
  readonly kind: 'confluence.page.create' | 'confluence.page.update'
  readonly title: string
  readonly target: PageTarget
  readonly payload: CreatePayload | UpdatePayload
}

export function hashOf(publication: Publication): string {
  return approvalHash(publication)
}

/** Ten characters of base32, of which a marker is made. */
export function shortHash(text: string): string {
  const bytes = createHash('sha256').update(text).digest()
  return Array.from(bytes.subarray(0, 10), (byte) => base32[byte % 32]).join('')
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

export function messageOf(marker: string): string {
  return `StudioOps ${marker}`
}

/** What a story is on a page. */
export type StoryText = {
  readonly title: string
  /** Markdown whose headings begin with the second level. */
  readonly markdown: string
  /** What it was written from; `url` where it stands somewhere outside. */
  readonly sources: readonly { title: string; url?: string | undefined; asOf: string }[]
  readonly language: 'en' | 'he'
}

const sourceWords = {
  en: { sources: 'Sources', asOf: 'as of' },
  he: { sources: 'מקורות', asOf: 'נכון ל־' },
} as const

/** Markdown of a whole page. */
export function pageMarkdown({ markdown, sources, language }: StoryText): string {
  if (sources.length === 0) return markdown
  const words = sourceWords[language]
  const lines = sources.map(({ title, url, asOf }) => {
    const name =
      url === undefined
        ? title.replaceAll(/([\\`*_[\]<>])/g, '\\$1')
        : `[${title.replaceAll(/([[\]\\])/g, '\\$1')}](<${url}>)`
    return `- ${name}, ${words.asOf} ${asOf.slice(0, 16).replace('T', ' ')} UTC`
  })
  return `${markdown}\n\n## ${words.sources}\n\n${lines.join('\n')}`
}

/** The same below a heading of a page that is there: its title first, everything one level deeper. */
export function sectionMarkdown(text: StoryText, level: number): string {
  const title = `${'#'.repeat(Math.min(6, level + 1))} ${text.title.replaceAll(/([\\`*_[\]<>])/g, '\\$1')}`
  const deeper = pageMarkdown(text).replaceAll(
    /^(#{1,6}) /gm,
    (_whole, signs: string) => `${'#'.repeat(Math.min(6, signs.length + level))} `,
  )
  return `${title}\n\n${deeper}`
}

export function storageOf(markdown: string): string {
  return renderStorage(parseMarkdown(markdown))
}

/** The page with the story under one heading; every byte that is not meant stays. */
export function putIntoSection(
  storage: string,
  change: {
    readonly heading: string
    readonly how: 'append' | 'replace'
    readonly markdown: string
  },
): string {
  const outcome = editStorage(storage, [
    {
      kind: change.how === 'append' ? 'append-to-section' : 'replace-section',
      heading: { text: change.heading },
      content: parseMarkdown(change.markdown),
    },
  ])
  if (outcome.kind === 'edited') return outcome.source
  throw new AppError('confluence.heading-missing', { facts: { heading: change.heading } })
}

/** What goes and what comes between the parts that stay as they are. */
export function changedPart(
  before: string,
  after: string,
): Pick<PublicationPreview, 'removed' | 'added'> {
  const shortest = Math.min(before.length, after.length)
  let start = 0
  while (start < shortest && before[start] === after[start]) start += 1
  let end = 0
  while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return {
    removed: before.slice(start, before.length - end),
    added: after.slice(start, after.length - end),
  }
}

export type Heading = { readonly text: string; readonly level: number }

const heading = /<h([1-6])(?:\s[^>]*)?>([\s\S]*?)<\/h\1>/g
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': ' ',
}

/** The headings of a page as they read, in its order. */
export function headingsIn(storage: string): Heading[] {
  return [...storage.matchAll(heading)]
    .map(([, level = '1', inside = '']) => ({ level: Number(level), text: words(inside) }))
    .filter(({ text }) => text !== '')
}

/** The words of storage format, to compare what was meant with what is there. */
export function words(storage: string): string {
  return storage
    .replaceAll(/<ac:parameter[^>]*>[\s\S]*?<\/ac:parameter>/g, '')
    .replaceAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(?:amp|lt|gt|quot|nbsp);/g, (entity) => entities[entity] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim()
}
