import type { ContentAnswer, RestrictionsAnswer, SearchHitAnswer } from './confluence-answers.ts'
import type { z } from 'zod'
import type { userAnswer } from './confluence-answers.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type {
  Attachment,
  Comment,
  ConfluencePerson,
  Page,
  PageRef,
  PageVersion,
  Restriction,
  SearchHit,
  Written,
} from './confluence-model.ts'

/** Where a person looks at something; `webui` is what Confluence says, below its base. */
export function urlOf(baseUrl: string, webui: string | undefined, id: string): string {
  return webui === undefined
    ? `${baseUrl}/pages/viewpage.action?pageId=${encodeURIComponent(id)}`
    : `${baseUrl}${webui.startsWith('/') ? '' : '/'}${webui}`
}

export function toPerson(user: z.output<typeof userAnswer>): ConfluencePerson | undefined {
  const { accountId, username, displayName, publicName, email } = user
  const id = accountId ?? username
  if (id === undefined) return undefined
  return { id, displayName: displayName ?? publicName ?? id, ...withoutAbsent({ email }) }
}

export function toVersion({
  number,
  when,
  minorEdit,
  by,
  message,
}: ContentAnswer['version']): PageVersion {
  const name = by && (by.displayName ?? by.publicName ?? by.username)
  return { number, when, minorEdit, ...withoutAbsent({ by: name, message }) }
}

export function toPageRef(content: ContentAnswer, baseUrl: string): PageRef {
  const { id, title, status, space, ancestors, _links } = content
  const parentId = ancestors.at(-1)?.id
  return {
    id,
    title,
    status,
    spaceKey: space?.key ?? '',
    url: urlOf(baseUrl, _links.webui, id),
    ...withoutAbsent({ parentId }),
  }
}

export function toPage(content: ContentAnswer, baseUrl: string): Page {
  const createdBy = content.history?.createdBy && toPerson(content.history.createdBy)?.id
  return {
    ...toPageRef(content, baseUrl),
    spaceName: content.space?.name ?? '',
    version: toVersion(content.version),
    ancestors: content.ancestors.map(({ id, title }) => ({ id, title })),
    storage: content.body,
    ...withoutAbsent({ createdBy }),
  }
}

export function toWritten(content: ContentAnswer, baseUrl: string): Written {
  return { ...toPageRef(content, baseUrl), version: content.version.number }
}

export function toComment(content: ContentAnswer, baseUrl: string): Comment {
  const { id, ancestors, body, extensions, _links } = content
  const { location, inlineProperties, resolution } = extensions
  const parentId = ancestors.findLast(({ type }) => type === 'comment')?.id
  const { when, by } = toVersion(content.version)
  const shared = { id, when, storage: body, url: urlOf(baseUrl, _links.webui, id) }
  if (location !== 'inline')
    return { ...shared, location: 'footer', ...withoutAbsent({ parentId, by }) }
  return {
    ...shared,
    location,
    isResolved: resolution?.status === 'resolved',
    ...withoutAbsent({ parentId, by, selection: inlineProperties?.originalSelection }),
  }
}

export function toAttachment(content: ContentAnswer): Attachment {
  const { id, title, metadata, extensions, version, container, _links } = content
  return {
    id,
    title,
    mediaType: metadata?.mediaType ?? extensions.mediaType,
    bytes: extensions.fileSize,
    version: version.number,
    downloadPath: _links.download ?? '',
    ...withoutAbsent({ comment: metadata?.comment, contentId: container?.id }),
  }
}

/** Undefined for what is no content, such as a space or a person. */
export function toHit(hit: SearchHitAnswer, baseUrl: string): SearchHit | undefined {
  const { content, excerpt, title, lastModified, resultGlobalContainer } = hit
  if (content === undefined) return undefined
  const { id, type, _links } = content
  const { key, name } = content.space ?? {
    key: lastPart(resultGlobalContainer.displayUrl),
    name: resultGlobalContainer.title,
  }
  return {
    id,
    type,
    title: plain(content.title || title),
    spaceKey: key,
    spaceName: name,
    excerpt: plain(excerpt),
    url: urlOf(baseUrl, hit.url ?? _links.webui, id),
    ...withoutAbsent({ lastModified }),
  }
}

/** `/display/KEY` and `/spaces/KEY` end in the key. */
function lastPart(path: string): string {
  return path.split('/').findLast((part) => part !== '') ?? ''
}

const marks = /@@@(?:end)?hl@@@/g
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
}

/** An excerpt has marks around what was found, and is HTML. */
function plain(text: string): string {
  return text
    .replaceAll(marks, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities[entity] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

export function toRestrictions(answer: RestrictionsAnswer): Restriction[] {
  return (['read', 'update'] as const).map((operation) => {
    const restrictions = answer[operation]?.restrictions
    const users = (restrictions?.user?.results ?? []).flatMap((user) => toPerson(user) ?? [])
    return {
      operation,
      users: users.map(({ id }) => id),
      groups: (restrictions?.group?.results ?? []).map(({ name }) => name),
    }
  })
}
