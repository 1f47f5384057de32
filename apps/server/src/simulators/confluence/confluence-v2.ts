import { emptyAnswer, type Answer } from '../exchange.ts'
import type { JsonValue } from '../json-value.ts'
import {
  addComment,
  createPage,
  homeOf,
  requireAttachment,
  setProperty,
  trashPage,
  updatePage,
} from './confluence-changes.ts'
import {
  type ConfluenceCall,
  type ConfluenceRoute,
  flag,
  iso,
  limitIn,
  member,
  ok,
  optionalText,
  parameter,
  requireObject,
  textIn,
} from './confluence-route.ts'
import {
  newest,
  type StoredAttachment,
  type StoredComment,
  type StoredPage,
  type StoredVersion,
} from './confluence-state.ts'
import {
  ancestorsOf,
  childrenOf,
  ConfluenceRefusal,
  type ConfluenceSpace,
  type ConfluenceWorld,
  maySee,
  personOf,
  requirePage,
  requireSpace,
  spaceOf,
  visibleSpaces,
  webPath,
} from './confluence-world.ts'
import { attachmentsOf, downloadPath, removeAttachment } from './confluence-v1.ts'

function accountOf(world: ConfluenceWorld, key: string): string {
  return personOf(world, key)?.accountId ?? key
}

function presentVersion(world: ConfluenceWorld, version: StoredVersion) {
  const { number, by, when, message, minorEdit } = version
  return { createdAt: iso(when), message, number, minorEdit, authorId: accountOf(world, by) }
}

type Shown = { readonly format?: string | null; readonly version?: StoredVersion }

function presentPage(world: ConfluenceWorld, page: StoredPage, shown: Shown = {}) {
  const { format, version = newest(page) } = shown
  const first = page.versions[0] ?? version
  const isOld = version !== newest(page)
  return {
    id: page.id,
    status: isOld ? 'historical' : page.status,
    title: version.title,
    spaceId: String(spaceOf(world, page).id),
    parentId: page.parentId ?? null,
    parentType: page.parentId === undefined ? null : 'page',
    position: page.position,
    authorId: accountOf(world, first.by),
    ownerId: accountOf(world, first.by),
    lastOwnerId: null,
    createdAt: iso(first.when),
    version: presentVersion(world, version),
    body:
      format === 'storage'
        ? { storage: { representation: 'storage', value: version.storage } }
        : {},
    _links: {
      webui: webPath(world, page),
      editui: `/pages/resumedraft.action?draftId=${page.id}`,
      tinyui: `/x/${page.id}`,
      base: world.baseUrl,
    },
  }
}

function presentSpace(world: ConfluenceWorld, { id, key, name }: ConfluenceSpace) {
  const home = homeOf(world.state, key)
  return {
    id: String(id),
    key,
    name,
    type: 'global',
    status: 'current',
    ...(home === undefined ? {} : { homepageId: home.id }),
    _links: { webui: `/spaces/${key}` },
  }
}

function presentComment(world: ConfluenceWorld, comment: StoredComment) {
  const { id, pageId, parentId, location, by, when, storage, selection, isResolved } = comment
  return {
    id,
    status: 'current',
    title: 'Re:',
    ...(parentId === undefined ? { pageId } : { parentCommentId: parentId }),
    version: {
      createdAt: iso(when),
      message: '',
      number: 1,
      minorEdit: false,
      authorId: accountOf(world, by),
    },
    body: { storage: { representation: 'storage', value: storage } },
    ...(location === 'inline' && {
      resolutionStatus: isResolved ? 'resolved' : 'open',
      properties: { inlineMarkerRef: `marker-${id}`, inlineOriginalSelection: selection ?? '' },
    }),
    _links: { webui: `/pages/viewpage.action?pageId=${pageId}&focusedCommentId=${id}` },
  }
}

function presentAttachment(world: ConfluenceWorld, attachment: StoredAttachment) {
  const { id, title, mediaType, comment, by, when, version, base64, pageId } = attachment
  return {
    id,
    status: 'current',
    title,
    createdAt: iso(when),
    pageId,
    mediaType,
    mediaTypeDescription: 'File',
    comment,
    fileId: `file-${id}`,
    fileSize: Buffer.from(base64, 'base64').length,
    webuiLink: `/pages/viewpageattachments.action?pageId=${pageId}`,
    downloadLink: downloadPath(attachment),
    version: {
      createdAt: iso(when),
      message: '',
      number: version,
      minorEdit: false,
      authorId: accountOf(world, by),
    },
    _links: { download: downloadPath(attachment) },
  }
}

/** A part of a list, and a cursor where it goes on. */
function listed<T>(
  { world, query }: ConfluenceCall,
  all: readonly T[],
  present: (one: T) => unknown,
): Answer {
  const limit = limitIn(query)
  const start = readCursor(query.get('cursor'))
  const rest = new URLSearchParams(query)
  rest.set('cursor', Buffer.from(`at ${start + limit}`).toString('base64url'))
  const next = start + limit < all.length ? { next: `/wiki/api/v2/list?${rest.toString()}` } : {}
  return ok({
    results: all.slice(start, start + limit).map(present),
    _links: { base: world.baseUrl, ...next },
  })
}

function readCursor(cursor: string | null): number {
  if (cursor === null) return 0
  const found = /^at (\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())
  if (found === null) throw new ConfluenceRefusal(400, 'The cursor is not one of ours')
  return Number(found[1])
}

function getPage(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const status = query.get('status') ?? 'current'
  const page = requirePage(world, viewer, { id: parameter(call), status })
  const format = query.get('body-format')
  const number = query.get('version')
  const version =
    number === null ? newest(page) : page.versions.find((one) => String(one.number) === number)
  if (version === undefined) throw new ConfluenceRefusal(404, 'There is no such version')
  page.views += 1
  return ok(presentPage(world, page, { format, version }))
}

function findPages(call: ConfluenceCall, spaceId?: string): Answer {
  const { world, viewer, query } = call
  const ids = query.get('id')?.split(',')
  const title = query.get('title')
  const space = spaceId ?? query.get('space-id')
  const status = query.get('status') ?? 'current'
  const found = world.state.pages.filter(
    (page) =>
      page.status === status &&
      maySee(world, viewer, page) &&
      (ids?.includes(page.id) ?? true) &&
      (space === null || String(spaceOf(world, page).id) === space) &&
      (title === null || newest(page).title === title),
  )
  return listed(call, found, (page) =>
    presentPage(world, page, { format: query.get('body-format') }),
  )
}

function storageIn(body: JsonValue): string {
  const representation = textIn(body, 'body', 'representation')
  if (representation === 'storage') return textIn(body, 'body', 'value')
  throw new ConfluenceRefusal(400, `The representation ${representation} is not simulated.`)
}

function createOne(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const body = requireObject(call.body)
  const spaceKey = textIn(body, 'spaceId')
  if (!/^\d+$/.test(spaceKey)) throw new ConfluenceRefusal(400, 'spaceId must be a number')
  const parentId = optionalText(body, 'parentId')
  const wanted = { spaceKey, title: textIn(body, 'title'), storage: storageIn(body), parentId }
  return ok(presentPage(world, createPage(world, viewer, wanted), { format: 'storage' }))
}

function putPage(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const body = requireObject(call.body)
  for (const name of ['id', 'status', 'title', 'version', 'body'])
    if (member(body, name) === undefined)
      throw new ConfluenceRefusal(400, `Required field ${name} is missing`)
  if (textIn(body, 'id') !== parameter(call))
    throw new ConfluenceRefusal(400, 'The id of the body is another one than that of the path')
  const change = {
    title: textIn(body, 'title'),
    storage: storageIn(body),
    version: Number(textIn(body, 'version', 'number')),
    message: textIn(body, 'version', 'message'),
    minorEdit: flag(body, 'version', 'minorEdit'),
    parentId: optionalText(body, 'parentId'),
  }
  const page = updatePage(world, viewer, { id: parameter(call), change })
  return ok(presentPage(world, page, { format: 'storage' }))
}

function comments(call: ConfluenceCall, location: 'footer' | 'inline'): Answer {
  const { world, viewer } = call
  const page = requirePage(world, viewer, { id: parameter(call) })
  const found = world.state.comments.filter(
    (one) => one.pageId === page.id && one.location === location && one.parentId === undefined,
  )
  return listed(call, found, (one) => presentComment(world, one))
}

function replies(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const comment = world.state.comments.find(({ id }) => id === parameter(call))
  if (comment === undefined) throw new ConfluenceRefusal(404, 'There is no such comment')
  requirePage(world, viewer, { id: comment.pageId })
  const found = world.state.comments.filter(({ parentId }) => parentId === comment.id)
  return listed(call, found, (one) => presentComment(world, one))
}

function oneComment(call: ConfluenceCall, location: 'footer' | 'inline'): Answer {
  const { world, viewer } = call
  const found = world.state.comments.find(
    (one) => one.id === parameter(call) && one.location === location,
  )
  if (found === undefined) throw new ConfluenceRefusal(404, 'There is no such comment')
  requirePage(world, viewer, { id: found.pageId })
  return ok({ ...presentComment(world, found), pageId: found.pageId })
}

function createComment(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const body = requireObject(call.body)
  const parentId = optionalText(body, 'parentCommentId')
  const parent = world.state.comments.find(({ id }) => id === parentId)
  const pageId = parent?.pageId ?? textIn(body, 'pageId')
  const selection = optionalText(body, 'inlineCommentProperties', 'textSelection')
  const comment = addComment(world, viewer, {
    pageId,
    storage: storageIn(body),
    parentId,
    selection,
  })
  return ok(presentComment(world, comment))
}

function presentProperty({ id, key, value, version }: StoredPage['properties'][number]) {
  return { id, key, value, version: { number: version, createdAt: iso(0), message: '' } }
}

function writeProperty(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const body = requireObject(call.body)
  const value = member(body, 'value') ?? null
  const version = member(body, 'version', 'number')
  return ok(
    presentProperty(
      setProperty(world, viewer, {
        pageId: parameter(call),
        key: textIn(body, 'key'),
        value,
        version: version === undefined ? undefined : Number(version),
      }),
    ),
  )
}

function commentRoutes(location: 'footer' | 'inline'): ConfluenceRoute[] {
  const flavour = 'cloud'
  return [
    {
      method: 'GET',
      path: `/api/v2/pages/:id/${location}-comments`,
      flavour,
      answer: (call) => comments(call, location),
    },
    {
      method: 'GET',
      path: `/api/v2/${location}-comments/:id/children`,
      flavour,
      answer: replies,
    },
    {
      method: 'GET',
      path: `/api/v2/${location}-comments/:id`,
      flavour,
      answer: (call) => oneComment(call, location),
    },
    {
      method: 'POST',
      path: `/api/v2/${location}-comments`,
      flavour,
      changes: true,
      answer: createComment,
    },
  ]
}

export const secondRoutes: readonly ConfluenceRoute[] = [
  {
    method: 'GET',
    path: '/api/v2/spaces',
    flavour: 'cloud',
    answer(call) {
      const { world, viewer, query } = call
      const keys = query.get('keys')?.split(',')
      const found = visibleSpaces(world, viewer).filter(({ key }) => keys?.includes(key) ?? true)
      return listed(call, found, (one) => presentSpace(world, one))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/spaces/:id',
    flavour: 'cloud',
    answer: (call) =>
      ok(presentSpace(call.world, requireSpace(call.world, call.viewer, parameter(call)))),
  },
  {
    method: 'GET',
    path: '/api/v2/spaces/:id/pages',
    flavour: 'cloud',
    answer(call) {
      const space = requireSpace(call.world, call.viewer, parameter(call))
      return findPages(call, String(space.id))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/spaces/:id/permissions',
    flavour: 'cloud',
    answer(call) {
      const space = requireSpace(call.world, call.viewer, parameter(call))
      const found = call.world.people.flatMap((person) =>
        ['read', 'create'].map((key) => ({ person, key })),
      )
      return listed(call, found, ({ person, key }) => ({
        id: `${space.id}-${person.key}-${key}`,
        principal: { type: 'user', id: person.accountId },
        operation: { key, targetType: key === 'read' ? 'space' : 'page' },
      }))
    },
  },
  { method: 'GET', path: '/api/v2/pages', flavour: 'cloud', answer: (call) => findPages(call) },
  { method: 'POST', path: '/api/v2/pages', flavour: 'cloud', changes: true, answer: createOne },
  { method: 'GET', path: '/api/v2/pages/:id', flavour: 'cloud', answer: getPage },
  { method: 'PUT', path: '/api/v2/pages/:id', flavour: 'cloud', changes: true, answer: putPage },
  {
    method: 'DELETE',
    path: '/api/v2/pages/:id',
    flavour: 'cloud',
    changes: true,
    answer(call) {
      const isPurge = call.query.get('purge') === 'true'
      trashPage(call.world, call.viewer, { id: parameter(call), isPurge })
      return emptyAnswer(204)
    },
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/children',
    flavour: 'cloud',
    answer(call) {
      const { world, viewer } = call
      const parent = requirePage(world, viewer, { id: parameter(call) })
      const found = childrenOf(world, parent.id).filter((page) => maySee(world, viewer, page))
      return listed(call, found, (page) => ({
        id: page.id,
        status: 'current',
        title: newest(page).title,
        spaceId: String(spaceOf(world, page).id),
        childPosition: page.position,
      }))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/ancestors',
    flavour: 'cloud',
    answer(call) {
      const { world, viewer } = call
      const page = requirePage(world, viewer, { id: parameter(call), status: 'any' })
      return listed(call, ancestorsOf(world, page), ({ id }) => ({ id, type: 'page' }))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/versions',
    flavour: 'cloud',
    answer(call) {
      const { world, viewer } = call
      const page = requirePage(world, viewer, { id: parameter(call) })
      return listed(call, page.versions.toReversed(), (one) => presentVersion(world, one))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/labels',
    flavour: 'cloud',
    answer(call) {
      const page = requirePage(call.world, call.viewer, { id: parameter(call) })
      return listed(call, page.labels, (name) => ({ id: name, name, prefix: 'global' }))
    },
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/properties',
    flavour: 'cloud',
    answer(call) {
      const page = requirePage(call.world, call.viewer, { id: parameter(call) })
      const key = call.query.get('key')
      const found = page.properties.filter((one) => key === null || one.key === key)
      return listed(call, found, presentProperty)
    },
  },
  {
    method: 'POST',
    path: '/api/v2/pages/:id/properties',
    flavour: 'cloud',
    changes: true,
    answer: writeProperty,
  },
  {
    method: 'PUT',
    path: '/api/v2/pages/:id/properties/:property',
    flavour: 'cloud',
    changes: true,
    answer: writeProperty,
  },
  {
    method: 'GET',
    path: '/api/v2/pages/:id/attachments',
    flavour: 'cloud',
    answer: (call) =>
      listed(call, attachmentsOf(call), (one) => presentAttachment(call.world, one)),
  },
  {
    method: 'GET',
    path: '/api/v2/attachments/:id',
    flavour: 'cloud',
    answer: (call) =>
      ok(
        presentAttachment(call.world, requireAttachment(call.world, call.viewer, parameter(call))),
      ),
  },
  {
    method: 'DELETE',
    path: '/api/v2/attachments/:id',
    flavour: 'cloud',
    changes: true,
    answer: removeAttachment,
  },
  ...commentRoutes('footer'),
  ...commentRoutes('inline'),
]
