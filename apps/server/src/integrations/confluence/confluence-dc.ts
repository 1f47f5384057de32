import type { z } from 'zod'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import {
  contentAnswer,
  labelOne,
  listOf,
  nothing,
  propertyAnswer,
  restrictionsAnswer,
  searchHitOne,
  spaceOne,
  templateOne,
  userAnswer,
  versionList,
} from './confluence-answers.ts'
import { ConfluenceError, confluenceError } from './confluence-error.ts'
import type { ConfluenceClient, ConfluenceSpace, PageChange, PageWish } from './confluence-model.ts'
import {
  toAttachment,
  toComment,
  toHit,
  toPage,
  toPageRef,
  toPerson,
  toRestrictions,
  toVersion,
  toWritten,
  urlOf,
} from './confluence-present.ts'
import {
  type ConfluenceRequests,
  downloadFile,
  limitOf,
  nextStart,
  readMyself,
  restrictionBody,
  startOf,
  uploadFile,
} from './confluence-requests.ts'

const wholePage = 'body.storage,version,space,ancestors,history'
const wholeComment =
  'body.storage,version,ancestors,extensions.location,extensions.inlineProperties,extensions.resolution'
const contents = listOf(contentAnswer)

/** Confluence Data Center, from 7.9 on. */
export function createDataCenterClient(requests: ConfluenceRequests): ConfluenceClient {
  const { baseUrl, host, call } = requests
  const at = (id: string, below = '') => `/rest/api/content/${encodeURIComponent(id)}${below}`
  const paging = (wish: PageWish) => ({ start: startOf(wish), limit: limitOf(wish) })

  const toSpace = ({ id, key, name, homepage, _links }: z.output<typeof spaceOne>) =>
    ({
      id,
      key,
      name,
      url:
        _links.webui === undefined ? `${baseUrl}/display/${key}` : urlOf(baseUrl, _links.webui, id),
      ...withoutAbsent({ homepageId: homepage?.id }),
    }) satisfies ConfluenceSpace

  const page: ConfluenceClient['page'] = async (id, { version, status, ...patience } = {}) => {
    const content = await call({
      path: at(id),
      query: {
        expand: wholePage,
        ...(version === undefined ? { status } : { status: 'historical', version }),
      },
      answer: contentAnswer,
      ...patience,
    })
    return toPage(content, baseUrl)
  }

  const put = async (
    id: string,
    { title, storage, basedOn, message, minorEdit, parentId }: PageChange,
    more: { readonly query?: Record<string, string>; readonly patience?: object } = {},
  ) => {
    const content = await call({
      path: at(id),
      method: 'PUT',
      query: { expand: 'version,space,ancestors', ...more.query },
      body: {
        id,
        type: 'page',
        status: 'current',
        title,
        version: { number: basedOn + 1, ...withoutAbsent({ message, minorEdit }) },
        ...(parentId === undefined ? {} : { ancestors: [{ id: parentId }] }),
        body: { storage: { value: storage, representation: 'storage' } },
      },
      answer: contentAnswer,
      // The number of the version lets one of several win.
      idempotent: false,
      ...more.patience,
    })
    return toWritten(content, baseUrl)
  }

  const comment = async (container: object, storage: string) => {
    const content = await call({
      path: '/rest/api/content',
      query: { expand: wholeComment },
      body: {
        type: 'comment',
        ...container,
        body: { storage: { value: storage, representation: 'storage' } },
      },
      answer: contentAnswer,
    })
    return toComment(content, baseUrl)
  }

  const pageOfComment = async (commentId: string) => {
    const { container } = await call({
      path: at(commentId),
      query: { expand: 'container' },
      answer: contentAnswer,
    })
    return container?.id
  }

  const labels = async (request: { path: string; body?: unknown }) => {
    const answer = await call({ ...request, answer: listOf(labelOne) })
    return answer.results.map(({ name }) => name)
  }

  const readProperty = async (pageId: string, key: string) => {
    try {
      const path = at(pageId, `/property/${encodeURIComponent(key)}`)
      return await call({ path, answer: propertyAnswer })
    } catch (error) {
      if (error instanceof ConfluenceError && error.kind === 'not-found') return undefined
      throw error
    }
  }

  const attachment = async (id: string) =>
    call({ path: at(id), query: { expand: 'version,container' }, answer: contentAnswer })

  return {
    flavour: 'dc',
    baseUrl,
    host,
    can: {},

    myself: (patience = {}) => readMyself(requests, patience),

    async spaces(wish = {}) {
      const answer = await call({
        path: '/rest/api/space',
        query: { ...paging(wish), expand: 'homepage', type: 'global' },
        answer: listOf(spaceOne),
      })
      const items = answer.results.map(toSpace)
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    async space(key) {
      const path = `/rest/api/space/${encodeURIComponent(key)}`
      return toSpace(await call({ path, query: { expand: 'homepage' }, answer: spaceOne }))
    },

    page,

    async pageByTitle(spaceKey, title) {
      const answer = await call({
        path: '/rest/api/content',
        query: { type: 'page', spaceKey, title, status: 'current', expand: wholePage, limit: 1 },
        answer: contents,
      })
      const [found] = answer.results
      return found && toPage(found, baseUrl)
    },

    async children(id, wish = {}) {
      const answer = await call({
        path: at(id, '/child/page'),
        query: { ...paging(wish), expand: 'space,version' },
        answer: contents,
      })
      const items = answer.results.map((one) => ({ ...toPageRef(one, baseUrl), parentId: id }))
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    async pagesOfSpace(key, wish = {}) {
      const answer = await call({
        path: '/rest/api/content',
        query: { type: 'page', spaceKey: key, ...paging(wish), expand: 'space,ancestors' },
        answer: contents,
      })
      const items = answer.results.map((one) => toPageRef(one, baseUrl))
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    async search(cql, wish = {}) {
      const answer = await call({
        path: '/rest/api/search',
        query: { cql, ...paging(wish), expand: 'content.space', excerpt: 'highlight' },
        answer: listOf(searchHitOne),
      })
      const items = answer.results.flatMap((hit) => toHit(hit, baseUrl) ?? [])
      return { items, ...nextStart(answer._links, wish, answer.results.length) }
    },

    async versions(id, wish = {}) {
      const read = (root: string) =>
        call({
          path: `${root}/content/${encodeURIComponent(id)}/version`,
          query: paging(wish),
          answer: versionList,
        })
      // It was experimental before 8.0, and the experimental one is gone later.
      const answer = await read('/rest/api').catch(async (error: unknown) => {
        if (!(error instanceof ConfluenceError) || error.kind !== 'not-found') throw error
        return read('/rest/experimental')
      })
      const items = answer.results.map(toVersion)
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    async createPage({ spaceKey, title, storage, parentId }, patience = {}) {
      const content = await call({
        path: '/rest/api/content',
        query: { expand: 'version,space,ancestors' },
        body: {
          type: 'page',
          title,
          space: { key: spaceKey },
          ...(parentId === undefined ? {} : { ancestors: [{ id: parentId }] }),
          body: { storage: { value: storage, representation: 'storage' } },
        },
        answer: contentAnswer,
        ...patience,
      })
      return toWritten(content, baseUrl)
    },

    updatePage: (id, change, patience = {}) => put(id, change, { patience }),

    async moveBelow(id, parentId) {
      const { title, storage, version } = await page(id)
      await put(id, { title, storage, basedOn: version.number, parentId, minorEdit: true })
    },

    async deletePage(id) {
      await call({ path: at(id), method: 'DELETE', answer: nothing })
    },

    async restorePage(id) {
      const { title, storage, version } = await page(id, { status: 'trashed' })
      const change = { title, storage, basedOn: version.number }
      return put(id, change, { query: { status: 'trashed' } })
    },

    async comments(pageId, { location, ...wish } = {}) {
      const answer = await call({
        path: at(pageId, '/child/comment'),
        query: { ...paging(wish), expand: wholeComment, depth: 'all', location },
        answer: contents,
      })
      const items = answer.results.map((one) => toComment(one, baseUrl))
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    addComment: (pageId, storage) => comment({ container: { id: pageId, type: 'page' } }, storage),

    async reply(commentId, storage) {
      const id = await pageOfComment(commentId)
      return comment({ container: { id, type: 'page' }, ancestors: [{ id: commentId }] }, storage)
    },

    pageOfComment,

    labels: (id) => labels({ path: at(id, '/label') }),
    addLabel: (id, name) => labels({ path: at(id, '/label'), body: [{ prefix: 'global', name }] }),
    async removeLabel(id, name) {
      await call({ path: at(id, '/label'), method: 'DELETE', query: { name }, answer: nothing })
    },

    async attachments(contentId, { fileName, mediaType, ...wish } = {}) {
      const answer = await call({
        path: at(contentId, '/child/attachment'),
        query: { ...paging(wish), filename: fileName, mediaType, expand: 'version' },
        answer: contents,
      })
      const items = answer.results.map(toAttachment)
      return { items, ...nextStart(answer._links, wish, items.length) }
    },

    attachment: async (id) => toAttachment(await attachment(id)),

    async upload(contentId, file) {
      const path = at(contentId, '/child/attachment')
      const { results } = await call({ path, query: { filename: file.fileName }, answer: contents })
      const [before] = results
      const target = before === undefined ? path : `${path}/${before.id}/data`
      const written = await uploadFile(requests, { path: target, method: 'POST' }, file)
      if (written !== undefined) return written
      throw confluenceError({
        kind: 'unexpected-answer',
        host,
        sent: true,
        detail: 'no attachment',
      })
    },

    download: ({ downloadPath: path }, limitBytes) =>
      downloadFile(requests, { path, limitBytes, open: 'open' }),

    async deleteAttachment(id) {
      await call({ path: at(id), method: 'DELETE', answer: nothing })
    },

    property: async (pageId, key) => (await readProperty(pageId, key))?.value,

    async setProperty(pageId, key, value) {
      const before = await readProperty(pageId, key)
      const path = at(pageId, '/property')
      if (before === undefined) {
        await call({ path, body: { key, value }, answer: nothing })
        return
      }
      const version = { number: (before.version?.number ?? 1) + 1 }
      await call({
        path: `${path}/${encodeURIComponent(key)}`,
        method: 'PUT',
        body: { key, value, version },
        answer: nothing,
      })
    },

    async users(query, { limit, group }) {
      const answer = await call({
        path: `/rest/api/group/${encodeURIComponent(group)}/member`,
        query: { limit: 200 },
        answer: listOf(userAnswer),
      })
      const wanted = query.toLowerCase()
      return answer.results
        .flatMap((user) => toPerson(user) ?? [])
        .filter(({ id, displayName }) =>
          [id, displayName].some((name) => name.toLowerCase().includes(wanted)),
        )
        .slice(0, limit)
    },

    async restrictions(id) {
      const path = at(id, '/restriction/byOperation')
      return toRestrictions(await call({ path, answer: restrictionsAnswer }))
    },

    async setRestrictions(id, wishes) {
      // Reading them is documented, changing them is only among what is experimental.
      const path = `/rest/experimental/content/${encodeURIComponent(id)}/restriction`
      const body = restrictionBody(wishes, 'username')
      await call({ path, method: 'PUT', body, answer: nothing })
    },

    async templates(spaceKey, limit) {
      const answer = await call({
        path: '/rest/experimental/template/page',
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
      const { name, description, body } = await call({
        path: `/rest/experimental/template/${encodeURIComponent(id)}`,
        query: { expand: 'body' },
        answer: templateOne,
      })
      return { id, name, description, storage: body }
    },
  }
}
