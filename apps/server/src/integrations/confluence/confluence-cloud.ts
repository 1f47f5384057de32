import type { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import {
  labelOne,
  listOf,
  nothing,
  permissionAnswer,
  propertyAnswer,
  restrictionsAnswer,
  searchHitOne,
  templateOne,
  v2Ancestor,
  v2Attachment,
  type V2Attachment,
  v2Comment,
  type V2Comment,
  v2Page,
  type V2Page,
  v2Permission,
  v2Space,
  v2VersionList,
  viewsAnswer,
} from './confluence-answers.ts'
import { ConfluenceError, confluenceError } from './confluence-error.ts'
import type {
  Attachment,
  Comment,
  CommentLocation,
  ConfluenceClient,
  ConfluenceSpace,
  PageChange,
  PageRef,
  PageVersion,
  PageWish,
} from './confluence-model.ts'
import { quoteCql } from './confluence-model.ts'
import { toHit, toPerson, toRestrictions, urlOf } from './confluence-present.ts'
import {
  type ConfluenceRequests,
  downloadFile,
  limitOf,
  nextCursor,
  readMyself,
  restrictionBody,
  uploadFile,
} from './confluence-requests.ts'

const v2 = '/api/v2'
const v1 = '/rest/api'

/** Confluence Cloud: v2, and v1 where v2 has nothing. */
export function createCloudClient(requests: ConfluenceRequests): ConfluenceClient {
  const { baseUrl, host, call } = requests
  const spacesById = new Map<string, ConfluenceSpace>()
  const at = (id: string, below = '') => `${v2}/pages/${encodeURIComponent(id)}${below}`
  const contentAt = (id: string, below = '') => `${v1}/content/${encodeURIComponent(id)}${below}`
  const paging = (wish: PageWish) => ({ limit: limitOf(wish), cursor: wish.cursor })

  const keep = ({ id, key, name, homepageId, _links }: z.output<typeof v2Space>) => {
    const url =
      _links.webui === undefined ? `${baseUrl}/spaces/${key}` : urlOf(baseUrl, _links.webui, id)
    const space: ConfluenceSpace = { id, key, name, url, ...withoutAbsent({ homepageId }) }
    spacesById.set(id, space)
    return space
  }

  const spaceById = async (id: string | undefined) => {
    if (id === undefined) return undefined
    const known = spacesById.get(id)
    if (known !== undefined) return known
    return keep(await call({ path: `${v2}/spaces/${encodeURIComponent(id)}`, answer: v2Space }))
  }

  const space = async (key: string) => {
    const known = [...spacesById.values()].find((one) => one.key === key)
    if (known !== undefined) return known
    const { results } = await call({
      path: `${v2}/spaces`,
      query: { keys: key, limit: 1 },
      answer: listOf(v2Space),
    })
    const [found] = results
    if (found !== undefined) return keep(found)
    const detail = 'there is no such space, or it is not shown'
    throw confluenceError({ kind: 'not-found', host, sent: true, status: 404, detail })
  }

  const refOf = async (page: V2Page): Promise<PageRef> => {
    const { id, title, status, parentId, parentType, _links } = page
    return {
      id,
      title,
      status,
      spaceKey: (await spaceById(page.spaceId))?.key ?? '',
      url: urlOf(baseUrl, _links.webui, id),
      ...withoutAbsent({ parentId: parentType === 'space' ? undefined : parentId }),
    }
  }

  const writtenOf = async (page: V2Page) => ({
    ...(await refOf(page)),
    version: page.version.number,
  })

  const titlesOf = async (ids: readonly string[]) => {
    if (ids.length === 0) return []
    const { results } = await call({
      path: `${v2}/pages`,
      query: { id: ids.join(','), limit: 100 },
      answer: listOf(v2Page),
    })
    const titles = new Map(results.map(({ id, title }) => [id, title]))
    return ids.map((id) => ({ id, title: titles.get(id) ?? '' }))
  }

  const pageOf = async (found: V2Page) => {
    const { results } = await call({
      path: at(found.id, '/ancestors'),
      query: { limit: 100 },
      answer: listOf(v2Ancestor),
    })
    const { authorId } = found
    return {
      ...(await refOf(found)),
      spaceName: (await spaceById(found.spaceId))?.name ?? '',
      version: versionOf(found.version),
      ancestors: await titlesOf(results.map(({ id }) => id)),
      storage: found.body,
      ...withoutAbsent({ createdBy: authorId }),
    }
  }

  const page: ConfluenceClient['page'] = async (id, { version, status, ...patience } = {}) =>
    pageOf(
      await call({
        path: at(id),
        query: { 'body-format': 'storage', 'include-version': true, version, status },
        answer: v2Page,
        ...patience,
      }),
    )

  const put = async (id: string, change: PageChange, patience: object = {}) => {
    const { title, storage, basedOn, message, minorEdit, parentId } = change
    const written = await call({
      path: at(id),
      method: 'PUT',
      body: {
        id,
        status: 'current',
        title,
        ...withoutAbsent({ parentId }),
        body: { representation: 'storage', value: storage },
        version: { number: basedOn + 1, ...withoutAbsent({ message, minorEdit }) },
      },
      answer: v2Page,
      ...patience,
    })
    return writtenOf(written)
  }

  const toComment = (found: V2Comment, location: CommentLocation): Comment => ({
    id: found.id,
    location,
    when: found.version.createdAt,
    storage: found.body,
    url: urlOf(baseUrl, found._links.webui, found.pageId ?? found.id),
    ...withoutAbsent({
      parentId: found.parentCommentId,
      by: found.version.authorId,
      selection: found.properties?.inlineOriginalSelection,
      isResolved: location === 'inline' ? found.resolutionStatus === 'resolved' : undefined,
    }),
  })

  const addComment = async (body: object, storage: string, location: CommentLocation = 'footer') =>
    toComment(
      await call({
        path: `${v2}/${location}-comments`,
        body: { ...body, body: { representation: 'storage', value: storage } },
        answer: v2Comment,
      }),
      location,
    )

  const commentsAt = async (path: string, location: CommentLocation, wish: PageWish) => {
    const answer = await call({
      path,
      query: { ...paging(wish), 'body-format': 'storage' },
      answer: listOf(v2Comment),
    })
    const items = answer.results.map((one) => toComment(one, location))
    return { items, ...nextCursor(answer._links) }
  }

  /** One level of answers: that is what the page of Confluence shows below a comment first. */
  const withReplies = async (comments: readonly Comment[]) => {
    const found: Comment[] = []
    for (const comment of comments) {
      const path = `${v2}/${comment.location}-comments/${comment.id}/children`
      const replies = await commentsAt(path, comment.location, { limit: 50 })
      found.push(comment, ...replies.items.map((one) => ({ ...one, parentId: comment.id })))
    }
    return found
  }

  const readProperty = async (pageId: string, key: string) => {
    const { results } = await call({
      path: at(pageId, '/properties'),
      query: { key, limit: 1 },
      answer: listOf(propertyAnswer),
    })
    return results.find((one) => one.key === key)
  }

  const labels = async (id: string) => {
    const { results } = await call({
      path: at(id, '/labels'),
      query: { limit: 200 },
      answer: listOf(labelOne),
    })
    return results.map(({ name }) => name)
  }

  const move: NonNullable<ConfluenceClient['can']['moveBeside']> = async (
    pageId,
    { position, targetId },
  ) => {
    const path = contentAt(pageId, `/move/${position}/${encodeURIComponent(targetId)}`)
    await call({ path, method: 'PUT', answer: nothing })
  }

  return {
    flavour: 'cloud',
    baseUrl,
    host,

    can: {
      addInlineComment: ({ pageId, storage, selection, matchCount, matchIndex }) =>
        addComment(
          {
            pageId,
            inlineCommentProperties: {
              textSelection: selection,
              textSelectionMatchCount: matchCount,
              textSelectionMatchIndex: matchIndex,
            },
          },
          storage,
          'inline',
        ),
      async views(pageId) {
        const path = `${v1}/analytics/content/${encodeURIComponent(pageId)}/views`
        return (await call({ path, answer: viewsAnswer })).count
      },
      moveBeside: move,
      async mayDo({ contentId, subjectType, subject, operation }) {
        const answer = await call({
          path: contentAt(contentId, '/permission/check'),
          body: { subject: { type: subjectType, identifier: subject }, operation },
          answer: permissionAnswer,
          idempotent: true,
        })
        return answer.hasPermission
      },
      async spacePermissions(spaceId, wish) {
        const answer = await call({
          path: `${v2}/spaces/${encodeURIComponent(spaceId)}/permissions`,
          query: paging(wish),
          answer: listOf(v2Permission),
        })
        const items = answer.results.map(({ id, principal, operation }) => ({
          id,
          principalType: principal.type,
          principalId: principal.id,
          operation: operation.key,
          target: operation.targetType,
        }))
        return { items, ...nextCursor(answer._links) }
      },
    },

    myself: (patience = {}) => readMyself(requests, patience),

    async spaces(wish = {}) {
      const answer = await call({
        path: `${v2}/spaces`,
        query: { ...paging(wish), type: 'global', status: 'current' },
        answer: listOf(v2Space),
      })
      return { items: answer.results.map(keep), ...nextCursor(answer._links) }
    },

    space,
    page,

    async pageByTitle(spaceKey, title) {
      const { id } = await space(spaceKey)
      const { results } = await call({
        path: `${v2}/pages`,
        query: {
          'space-id': id,
          title,
          status: 'current',
          'body-format': 'storage',
          limit: 1,
        },
        answer: listOf(v2Page),
      })
      const [found] = results
      return found && pageOf(found)
    },

    async children(id, wish = {}) {
      const answer = await call({
        path: at(id, '/children'),
        query: paging(wish),
        answer: listOf(v2Page),
      })
      const items: PageRef[] = []
      for (const child of answer.results) items.push({ ...(await refOf(child)), parentId: id })
      return { items, ...nextCursor(answer._links) }
    },

    async pagesOfSpace(key, wish = {}) {
      const { id } = await space(key)
      const answer = await call({
        path: `${v2}/spaces/${encodeURIComponent(id)}/pages`,
        query: { ...paging(wish), status: 'current' },
        answer: listOf(v2Page),
      })
      const items: PageRef[] = []
      for (const found of answer.results) items.push(await refOf(found))
      return { items, ...nextCursor(answer._links) }
    },

    async search(cql, wish = {}) {
      const answer = await call({
        path: `${v1}/search`,
        query: { cql, ...paging(wish), expand: 'content.space' },
        answer: listOf(searchHitOne),
      })
      const items = answer.results.flatMap((hit) => toHit(hit, baseUrl) ?? [])
      return { items, ...nextCursor(answer._links) }
    },

    async versions(id, wish = {}) {
      const answer = await call({
        path: at(id, '/versions'),
        query: paging(wish),
        answer: v2VersionList,
      })
      return { items: answer.results.map(versionOf), ...nextCursor(answer._links) }
    },

    async createPage({ spaceKey, title, storage, parentId }, patience = {}) {
      const { id: spaceId } = await space(spaceKey)
      const written = await call({
        path: `${v2}/pages`,
        body: {
          spaceId,
          status: 'current',
          title,
          ...withoutAbsent({ parentId }),
          body: { representation: 'storage', value: storage },
        },
        answer: v2Page,
        ...patience,
      })
      return writtenOf(written)
    },

    updatePage: (id, change, patience = {}) => put(id, change, patience),
    moveBelow: (id, parentId) => move(id, { position: 'append', targetId: parentId }),

    async deletePage(id) {
      await call({ path: at(id), method: 'DELETE', answer: nothing })
    },

    async restorePage(id) {
      const { title, storage, version } = await page(id, { status: 'trashed' })
      return put(id, { title, storage, basedOn: version.number })
    },

    async comments(pageId, { location = 'footer', ...wish } = {}) {
      const path = at(pageId, `/${location}-comments`)
      const { items, next } = await commentsAt(path, location, wish)
      return { items: await withReplies(items), ...withoutAbsent({ next }) }
    },

    addComment: (pageId, storage) => addComment({ pageId }, storage),
    reply: (commentId, storage) => addComment({ parentCommentId: commentId }, storage),

    async pageOfComment(commentId) {
      const read = async (location: CommentLocation) => {
        const path = `${v2}/${location}-comments/${encodeURIComponent(commentId)}`
        return call({ path, answer: v2Comment })
      }
      const found = await read('footer').catch((error: unknown) => {
        if (!(error instanceof ConfluenceError) || error.kind !== 'not-found') throw error
        return read('inline')
      })
      return found.pageId
    },

    labels,
    async addLabel(id, name) {
      const body = [{ prefix: 'global', name }]
      await call({ path: contentAt(id, '/label'), body, answer: nothing })
      return labels(id)
    },
    async removeLabel(id, name) {
      const path = contentAt(id, '/label')
      await call({ path, method: 'DELETE', query: { name }, answer: nothing })
    },

    async attachments(contentId, { fileName, mediaType, ...wish } = {}) {
      const answer = await call({
        path: at(contentId, '/attachments'),
        query: { ...paging(wish), filename: fileName, mediaType },
        answer: listOf(v2Attachment),
      })
      return { items: answer.results.map(attachmentOf), ...nextCursor(answer._links) }
    },

    async attachment(id) {
      const path = `${v2}/attachments/${encodeURIComponent(id)}`
      return attachmentOf(await call({ path, answer: v2Attachment }))
    },

    async upload(contentId, file) {
      const target = { path: contentAt(contentId, '/child/attachment'), method: 'PUT' as const }
      const written = await uploadFile(requests, target, file)
      if (written !== undefined) return written
      throw confluenceError({
        kind: 'unexpected-answer',
        host,
        sent: true,
        detail: 'no attachment',
      })
    },

    download: ({ downloadPath: path }, limitBytes) =>
      downloadFile(requests, { path, limitBytes, open: 'openFile' }),

    async deleteAttachment(id) {
      const path = `${v2}/attachments/${encodeURIComponent(id)}`
      await call({ path, method: 'DELETE', answer: nothing })
    },

    property: async (pageId, key) => (await readProperty(pageId, key))?.value,

    async setProperty(pageId, key, value) {
      const before = await readProperty(pageId, key)
      const path = at(pageId, '/properties')
      if (before?.id === undefined) {
        await call({ path, body: { key, value }, answer: nothing })
        return
      }
      const version = { number: (before.version?.number ?? 1) + 1 }
      const body = { key, value, version }
      await call({ path: `${path}/${before.id}`, method: 'PUT', body, answer: nothing })
    },

    async users(query, { limit }) {
      const answer = await call({
        path: `${v1}/search/user`,
        query: { cql: `user.fullname ~ ${quoteCql(query)}`, limit: limitOf({ limit }) },
        answer: listOf(searchHitOne),
      })
      return answer.results.flatMap(({ user }) => (user && toPerson(user)) ?? [])
    },

    async restrictions(id) {
      const path = contentAt(id, '/restriction/byOperation')
      return toRestrictions(await call({ path, answer: restrictionsAnswer }))
    },

    async setRestrictions(id, wishes) {
      const path = contentAt(id, '/restriction')
      const body = restrictionBody(wishes, 'accountId')
      await call({ path, method: 'PUT', body, answer: nothing })
    },

    async templates(spaceKey, limit) {
      const answer = await call({
        path: `${v1}/template/page`,
        query: { spaceKey, limit },
        answer: listOf(templateOne),
      })
      return answer.results.map(({ templateId, name, description }) => ({
        id: templateId,
        name,
        description,
      }))
    },

    async template(id) {
      const path = `${v1}/template/${encodeURIComponent(id)}`
      const { name, description, body } = await call({ path, answer: templateOne })
      return { id, name, description, storage: body }
    },
  }
}

function versionOf(version: V2Page['version']): PageVersion {
  const { number, createdAt, message, minorEdit, authorId } = version
  return { number, when: createdAt, minorEdit, ...withoutAbsent({ message, by: authorId }) }
}

function attachmentOf(found: V2Attachment): Attachment {
  const { id, pageId, title, mediaType, fileSize, comment, version, downloadLink, _links } = found
  return {
    id,
    title,
    mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
    bytes: fileSize,
    version: version.number,
    downloadPath: downloadLink ?? _links.download ?? '',
    ...withoutAbsent({ comment, contentId: pageId }),
  }
}
