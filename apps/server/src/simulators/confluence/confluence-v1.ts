import { createHash } from 'node:crypto'
import { bytesAnswer, emptyAnswer, jsonAnswer, type Answer } from '../exchange.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts'
import {
  addAttachment,
  addComment,
  createPage,
  homeOf,
  movePage,
  type PageChange,
  requireAttachment,
  setProperty,
  trashPage,
  updatePage,
} from './confluence-changes.ts'
import { searchPages } from './confluence-cql.ts'
import {
  type ConfluenceCall,
  type ConfluenceRoute,
  flag,
  iso,
  limitIn,
  listIn,
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
  type ConfluencePerson,
  type ConfluenceSpace,
  type ConfluenceWorld,
  maySee,
  mayEdit,
  personOf,
  requireEditable,
  requirePage,
  requireSpace,
  spaceOf,
  visibleSpaces,
  webPath,
} from './confluence-world.ts'
import { wordsOf } from './storage-check.ts'

const picture = {
  path: '/images/icons/profilepics/default.svg',
  width: 48,
  height: 48,
  isDefault: true,
}

export function presentPerson({ flavour, baseUrl }: ConfluenceWorld, person: ConfluencePerson) {
  const { name, key, accountId, displayName, emailAddress } = person
  const shared = { type: 'known', displayName, profilePicture: picture, _links: { base: baseUrl } }
  return flavour === 'dc'
    ? { ...shared, username: name, userKey: key }
    : {
        ...shared,
        accountId,
        accountType: 'atlassian',
        email: emailAddress,
        publicName: displayName,
        isExternalCollaborator: false,
      }
}

function presentNobody({ baseUrl }: ConfluenceWorld) {
  return {
    type: 'anonymous',
    profilePicture: { ...picture, path: '/images/icons/profilepics/anonymous.svg' },
    displayName: 'Anonymous',
    _links: { base: baseUrl },
  }
}

function presentSpace(world: ConfluenceWorld, { id, key, name }: ConfluenceSpace) {
  const home = homeOf(world.state, key)
  return {
    id,
    key,
    name,
    type: 'global',
    status: 'current',
    ...(home === undefined
      ? {}
      : { homepage: { id: home.id, type: 'page', title: newest(home).title, status: 'current' } }),
    _expandable: {},
    _links: { webui: `/display/${key}`, self: `${world.baseUrl}/rest/api/space/${key}` },
  }
}

function byline(world: ConfluenceWorld, key: string) {
  const person = personOf(world, key)
  return person === undefined ? undefined : presentPerson(world, person)
}

function presentVersion(world: ConfluenceWorld, version: StoredVersion) {
  const { number, by, when, message, minorEdit } = version
  return { by: byline(world, by), when: iso(when), message, number, minorEdit, hidden: false }
}

type Shown = {
  readonly expand: string | null
  readonly version?: StoredVersion
  readonly status?: string
}

function presentPage(world: ConfluenceWorld, page: StoredPage, shown: Shown): JsonObject {
  const { expand, version = newest(page), status = page.status } = shown
  const wants = (name: string) => (expand ?? '').split(',').some((one) => one.startsWith(name))
  const first = page.versions[0] ?? version
  const whole = {
    id: page.id,
    type: 'page',
    status,
    title: version.title,
    ...(wants('space') && { space: presentSpace(world, spaceOf(world, page)) }),
    ...(wants('version') && { version: presentVersion(world, version) }),
    ...(wants('history') && {
      history: {
        latest: version === newest(page),
        createdBy: byline(world, first.by),
        createdDate: iso(first.when),
      },
    }),
    ...(wants('ancestors') && {
      ancestors: ancestorsOf(world, page).map((one) => presentPage(world, one, { expand: null })),
    }),
    ...(wants('body.storage') && {
      body: { storage: { value: version.storage, representation: 'storage' } },
    }),
    extensions: { position: page.position },
    _links: {
      webui: webPath(world, page),
      self: `${world.baseUrl}/rest/api/content/${page.id}`,
      base: world.baseUrl,
      context: '',
    },
  }
  return plain(whole)
}

/** What is undefined is left out, as it is when it is sent. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

function presentComment(world: ConfluenceWorld, comment: StoredComment): JsonObject {
  const { id, by, when, storage, location, parentId, selection, isResolved, pageId } = comment
  return plain({
    id,
    type: 'comment',
    status: 'current',
    title: 'Re:',
    version: { by: byline(world, by), when: iso(when), number: 1, minorEdit: false, message: '' },
    container: { id: pageId, type: 'page' },
    ancestors: parentId === undefined ? [] : [{ id: parentId, type: 'comment', title: '' }],
    body: { storage: { value: storage, representation: 'storage' } },
    extensions: {
      location,
      ...(selection === undefined
        ? {}
        : { inlineProperties: { originalSelection: selection, markerRef: `marker-${id}` } }),
      resolution: { status: isResolved ? 'resolved' : 'open' },
    },
    _links: {
      webui: `/pages/viewpage.action?pageId=${pageId}&focusedCommentId=${id}#comment-${id}`,
    },
  })
}

export function downloadPath({ id, pageId, title, version }: StoredAttachment): string {
  return `/download/attachments/${pageId}/${encodeURIComponent(title)}?version=${version}&attachment=${id}`
}

function presentAttachment(world: ConfluenceWorld, attachment: StoredAttachment): JsonObject {
  const { id, title, mediaType, comment, by, when, version, base64, pageId } = attachment
  return plain({
    id,
    type: 'attachment',
    status: 'current',
    title,
    version: {
      by: byline(world, by),
      when: iso(when),
      number: version,
      minorEdit: false,
      message: '',
    },
    container: { id: pageId, type: 'page' },
    metadata: { mediaType, comment },
    extensions: { mediaType, fileSize: Buffer.from(base64, 'base64').length, comment },
    _links: {
      download: downloadPath(attachment),
      webui: `/pages/viewpageattachments.action?pageId=${pageId}`,
    },
  })
}

/** A list with its paging, and a link where it goes on. */
function listed<T>(call: ConfluenceCall, all: readonly T[], present: (one: T) => unknown): Answer {
  return listedWith(call, { all, present, more: {} })
}

function listedWith<T>(
  { world, query }: ConfluenceCall,
  {
    all,
    present,
    more,
  }: { readonly all: readonly T[]; readonly present: (one: T) => unknown; readonly more: object },
): Answer {
  const limit = limitIn(query)
  const start = Math.max(0, Number(query.get('start') ?? query.get('cursor') ?? 0) || 0)
  const results = all.slice(start, start + limit)
  const rest = new URLSearchParams(query)
  rest.set(world.flavour === 'dc' ? 'start' : 'cursor', String(start + limit))
  const next = start + limit < all.length ? { next: `/rest/api/list?${rest.toString()}` } : {}
  return ok({
    results: results.map(present),
    start,
    limit,
    size: results.length,
    ...more,
    _links: { base: world.baseUrl, context: '', ...next },
  })
}

function getContent(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const id = parameter(call)
  const expand = query.get('expand')
  const comment = world.state.comments.find((one) => one.id === id)
  if (comment !== undefined) {
    requirePage(world, viewer, { id: comment.pageId })
    return ok(presentComment(world, comment))
  }
  if (id.startsWith('att'))
    return ok(presentAttachment(world, requireAttachment(world, viewer, id)))
  const status = query.get('status') ?? 'current'
  if (status !== 'historical')
    return ok(presentPage(world, requirePage(world, viewer, { id, status }), { expand }))
  const page = requirePage(world, viewer, { id })
  const version = page.versions.find(({ number }) => String(number) === query.get('version'))
  if (version !== undefined) return ok(presentPage(world, page, { expand, version, status }))
  throw new ConfluenceRefusal(404, `No content found with id: ContentId{id=${id}}`)
}

function findContent(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const [title, spaceKey, status] = ['title', 'spaceKey', 'status'].map((name) => query.get(name))
  const found = world.state.pages.filter(
    (page) =>
      page.status === (status ?? 'current') &&
      maySee(world, viewer, page) &&
      (spaceKey === null || page.spaceKey === spaceKey) &&
      (title === null || newest(page).title === title),
  )
  return listed(call, found, (page) => presentPage(world, page, { expand: query.get('expand') }))
}

function createContent(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const body = requireObject(call.body)
  const storage = textIn(body, 'body', 'storage', 'value')
  const above = listIn(body, 'ancestors').at(-1)
  const parentId = above && optionalText(above, 'id')
  if (textIn(body, 'type') === 'comment') {
    const pageId = textIn(body, 'container', 'id')
    return ok(presentComment(world, addComment(world, viewer, { pageId, storage, parentId })))
  }
  const spaceKey = textIn(body, 'space', 'key')
  const page = createPage(world, viewer, {
    spaceKey,
    title: textIn(body, 'title'),
    storage,
    parentId,
  })
  return ok(presentPage(world, page, { expand: query.get('expand') ?? 'version,space' }))
}

function putContent(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const body = requireObject(call.body)
  const above = listIn(body, 'ancestors').at(-1)
  const change: PageChange = {
    title: textIn(body, 'title'),
    storage: optionalText(body, 'body', 'storage', 'value'),
    version: Number(textIn(body, 'version', 'number')),
    message: textIn(body, 'version', 'message'),
    minorEdit: flag(body, 'version', 'minorEdit'),
    parentId: above && optionalText(above, 'id'),
  }
  requirePage(world, viewer, { id: parameter(call), status: query.get('status') ?? 'current' })
  const page = updatePage(world, viewer, { id: parameter(call), change })
  return ok(presentPage(world, page, { expand: query.get('expand') ?? 'version,space' }))
}

function deleteContent(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const id = parameter(call)
  if (!id.startsWith('att')) {
    trashPage(world, viewer, { id, isPurge: query.get('status') === 'trashed' })
    return emptyAnswer(204)
  }
  return removeAttachment(call)
}

/** Of the page that the address names, as the query narrows them down. */
export function attachmentsOf(call: ConfluenceCall) {
  const { world, viewer, query } = call
  const page = requirePage(world, viewer, { id: parameter(call) })
  const [name, mediaType] = [query.get('filename'), query.get('mediaType')]
  return world.state.attachments.filter(
    (one) =>
      one.pageId === page.id &&
      (name === null || one.title === name) &&
      (mediaType === null || one.mediaType === mediaType),
  )
}

export function removeAttachment(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const found = requireAttachment(world, viewer, parameter(call))
  requireEditable(world, viewer, { id: found.pageId })
  world.state.attachments = world.state.attachments.filter((one) => one !== found)
  return emptyAnswer(204)
}

function search(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const cql = query.get('cql')
  if (cql === null) throw new ConfluenceRefusal(400, 'Parameter cql is required')
  const found = searchPages(world, viewer, cql)
  const more = { totalSize: found.length, cqlQuery: cql, searchDuration: 3, archivedResultCount: 0 }
  return listedWith(call, {
    all: found,
    more,
    present: ({ page, title, text, when }) => ({
      content: { ...presentPage(world, page, { expand: 'space' }), title },
      title,
      excerpt: text.slice(0, 200).replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
      url: webPath(world, page),
      resultGlobalContainer: {
        title: spaceOf(world, page).name,
        displayUrl: `/spaces/${page.spaceKey}`,
      },
      breadcrumbs: [],
      entityType: 'content',
      iconCssClass: 'aui-icon content-type-page',
      lastModified: iso(when),
      friendlyLastModified: iso(when).slice(0, 10),
      score: 0,
    }),
  })
}

/** `user.fullname ~ "words"`, which is what a search for people can be. */
function searchPeople(call: ConfluenceCall): Answer {
  const { world, query } = call
  const cql = query.get('cql') ?? ''
  const wanted = /~\s*"((?:[^"\\]|\\.)*)"/.exec(cql)?.[1]?.toLowerCase()
  if (wanted === undefined) throw new ConfluenceRefusal(400, `Could not parse cql : ${cql}`)
  const found = world.people.filter(({ displayName }) => displayName.toLowerCase().includes(wanted))
  const more = { totalSize: found.length, cqlQuery: cql, searchDuration: 3 }
  return listedWith(call, {
    all: found,
    more,
    present: (person) => ({
      user: presentPerson(world, person),
      title: person.displayName,
      excerpt: '',
      url: `/people/${person.accountId}`,
      breadcrumbs: [],
      entityType: 'user',
      iconCssClass: '',
      lastModified: iso(0),
      score: 0,
    }),
  })
}

function labelsOf(call: ConfluenceCall, page: StoredPage): Answer {
  return listed(call, page.labels, (name) => ({ prefix: 'global', name, id: name, label: name }))
}

function addLabels(call: ConfluenceCall): Answer {
  const { world, viewer, body } = call
  const { page } = requireEditable(world, viewer, { id: parameter(call) })
  const given = (Array.isArray(body) ? body : [body]).map((one) => textIn(one, 'name'))
  if (given.some((name) => name === '' || /[\s:;,.?&[\]()#^*@!]/.test(name)))
    throw new ConfluenceRefusal(400, 'The label contains characters that are not allowed')
  page.labels = [...new Set([...page.labels, ...given.map((name) => name.toLowerCase())])]
  return labelsOf(call, page)
}

function removeLabel(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const { page } = requireEditable(world, viewer, { id: parameter(call) })
  page.labels = page.labels.filter((name) => name !== query.get('name'))
  return emptyAnswer(204)
}

function upload(call: ConfluenceCall, replaces: boolean): Answer {
  const { world, viewer, files } = call
  if (files.length === 0) throw new ConfluenceRefusal(400, 'Required part "file" is not present')
  const pageId = parameter(call)
  const added = files.map((file) => addAttachment(world, viewer, { pageId, file, replaces }))
  return ok({ results: added.map((one) => presentAttachment(world, one)), size: added.length })
}

function uploadData(call: ConfluenceCall): Answer {
  const { world, viewer, files } = call
  const before = requireAttachment(world, viewer, parameter(call, 'attachment'))
  const [file] = files
  if (file === undefined) throw new ConfluenceRefusal(400, 'Required part "file" is not present')
  const wanted = {
    pageId: before.pageId,
    file: { ...file, fileName: before.title },
    replaces: true,
  }
  return ok(presentAttachment(world, addAttachment(world, viewer, wanted)))
}

/** The Cloud sends to a media host, for whose address no login is needed. */
function download(call: ConfluenceCall): Answer {
  const { world, viewer, query } = call
  const found = requireAttachment(world, viewer, query.get('attachment') ?? '')
  if (world.flavour === 'dc') return contentOf(found)
  return emptyAnswer(302, { location: `${world.mediaUrl}/media/${mediaToken(found)}` })
}

function mediaToken({ id, title, version }: StoredAttachment): string {
  return createHash('sha256').update(`${id} ${version} ${title}`).digest('hex')
}

/** As the media host answers, which refuses a second kind of login beside its own. */
export function mediaOf({ state }: ConfluenceWorld, token: string, authorization?: string): Answer {
  if (authorization !== undefined)
    return jsonAnswer(400, { message: 'Only one kind of authorization is allowed' })
  const found = state.attachments.find((one) => mediaToken(one) === token)
  return found === undefined ? emptyAnswer(404) : contentOf(found)
}

function contentOf(found: StoredAttachment): Answer {
  return bytesAnswer(found.mediaType, Buffer.from(found.base64, 'base64'), {
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.title)}`,
  })
}

function restrictionsOf(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const { restrictions } = requirePage(world, viewer, { id: parameter(call) })
  const present = (operation: 'read' | 'update') => ({
    operation,
    restrictions: {
      user: {
        results: world.people
          .filter(({ name }) => restrictions[operation].users.includes(name))
          .map((person) => presentPerson(world, person)),
      },
      group: { results: restrictions[operation].groups.map((name) => ({ type: 'group', name })) },
    },
  })
  return ok({ read: present('read'), update: present('update') })
}

/** Whoever changes them cannot shut himself out. */
function setRestrictions(call: ConfluenceCall): Answer {
  const { world, viewer, body } = call
  const page = requirePage(world, viewer, { id: parameter(call) })
  requireEditable(world, viewer, page)
  const wanted = (Array.isArray(body) ? body : []).filter(isJsonObject)
  const restrictions = { ...page.restrictions }
  for (const one of wanted) {
    const operation = textIn(one, 'operation')
    if (operation !== 'read' && operation !== 'update')
      throw new ConfluenceRefusal(400, `Unknown operation: ${operation}`)
    restrictions[operation] = readRestriction(world, one)
  }
  const changed = { ...page, restrictions }
  if (!maySee(world, viewer, changed) || !mayEdit(world, viewer, changed))
    throw new ConfluenceRefusal(400, 'You cannot remove your own access to the content.')
  page.restrictions = restrictions
  return restrictionsOf(call)
}

/** @throws ConfluenceRefusal 400 */
function readRestriction(world: ConfluenceWorld, body: JsonObject) {
  const restrictions = member(body, 'restrictions') ?? null
  const users = listIn(restrictions, 'user').map((one) => {
    const id = textIn(one, world.flavour === 'dc' ? 'username' : 'accountId')
    const person = world.people.find(({ name, accountId }) =>
      world.flavour === 'dc' ? name === id : accountId === id,
    )
    if (person === undefined) throw new ConfluenceRefusal(400, `No user found: ${id}`)
    return person.name
  })
  return { users, groups: listIn(restrictions, 'group').map((one) => textIn(one, 'name')) }
}

function propertyOf(call: ConfluenceCall): Answer {
  const { world, viewer } = call
  const page = requirePage(world, viewer, { id: parameter(call) })
  const found = page.properties.find(({ key }) => key === parameter(call, 'key'))
  if (found === undefined)
    throw new ConfluenceRefusal(404, `No property found with key: ${parameter(call, 'key')}`)
  return ok(presentProperty(found))
}

function presentProperty({ id, key, value, version }: StoredPage['properties'][number]) {
  return {
    id,
    key,
    value,
    version: { number: version, when: iso(0), message: '', minorEdit: true },
  }
}

function writeProperty(call: ConfluenceCall, isNew: boolean): Answer {
  const { world, viewer } = call
  const body = requireObject(call.body)
  const value: JsonValue = member(body, 'value') ?? null
  const key = textIn(body, 'key')
  const version = isNew ? undefined : Number(textIn(body, 'version', 'number'))
  const pageId = parameter(call)
  return ok(presentProperty(setProperty(world, viewer, { pageId, key, value, version })))
}

function mayDo(call: ConfluenceCall): Answer {
  const { world, viewer, body } = call
  const page = requirePage(world, viewer, { id: parameter(call) })
  const id = textIn(body, 'subject', 'identifier')
  const person = world.people.find(({ accountId }) => accountId === id)
  const check = textIn(body, 'operation') === 'read' ? maySee : mayEdit
  return ok({ hasPermission: person !== undefined && check(world, person, page), errors: [] })
}

function presentTemplate({ id, name, description, storage }: ConfluenceWorld['templates'][number]) {
  return {
    templateId: id,
    name,
    description,
    templateType: 'page',
    labels: [],
    editorVersion: 'v2',
    body: { storage: { value: storage, representation: 'storage' } },
    _links: {},
  }
}

function templateRoutes(root: string, flavour: 'dc' | 'cloud'): ConfluenceRoute[] {
  return [
    {
      method: 'GET',
      path: `${root}/template/page`,
      flavour,
      answer: (call) => listed(call, call.world.templates, presentTemplate),
    },
    {
      method: 'GET',
      path: `${root}/template/:id`,
      flavour,
      answer(call) {
        const found = call.world.templates.find(({ id }) => id === parameter(call))
        if (found === undefined) throw new ConfluenceRefusal(404, 'Template not found')
        return ok(presentTemplate(found))
      },
    },
  ]
}

/** Of Data Center whole; of Cloud what v2 has no word for. */
export const firstRoutes: readonly ConfluenceRoute[] = [
  {
    method: 'GET',
    path: '/rest/api/user/current',
    answer: ({ world, viewer }) =>
      ok(viewer === undefined ? presentNobody(world) : presentPerson(world, viewer)),
  },
  {
    method: 'GET',
    path: '/rest/api/space',
    flavour: 'dc',
    answer: (call) =>
      listed(call, visibleSpaces(call.world, call.viewer), (one) => presentSpace(call.world, one)),
  },
  {
    method: 'GET',
    path: '/rest/api/space/:id',
    flavour: 'dc',
    answer: (call) =>
      ok(presentSpace(call.world, requireSpace(call.world, call.viewer, parameter(call)))),
  },
  { method: 'GET', path: '/rest/api/search', answer: search },
  { method: 'GET', path: '/rest/api/search/user', flavour: 'cloud', answer: searchPeople },
  { method: 'GET', path: '/rest/api/content', flavour: 'dc', answer: findContent },
  {
    method: 'POST',
    path: '/rest/api/content',
    flavour: 'dc',
    changes: true,
    answer: createContent,
  },
  { method: 'GET', path: '/rest/api/content/:id', flavour: 'dc', answer: getContent },
  {
    method: 'PUT',
    path: '/rest/api/content/:id',
    flavour: 'dc',
    changes: true,
    answer: putContent,
  },
  {
    method: 'DELETE',
    path: '/rest/api/content/:id',
    flavour: 'dc',
    changes: true,
    answer: deleteContent,
  },
  {
    method: 'GET',
    path: '/rest/api/content/:id/child/page',
    flavour: 'dc',
    answer(call) {
      const { world, viewer, query } = call
      const parent = requirePage(world, viewer, { id: parameter(call) })
      const found = childrenOf(world, parent.id).filter((page) => maySee(world, viewer, page))
      return listed(call, found, (page) =>
        presentPage(world, page, { expand: query.get('expand') }),
      )
    },
  },
  {
    method: 'GET',
    path: '/rest/api/content/:id/child/comment',
    flavour: 'dc',
    answer(call) {
      const { world, viewer, query } = call
      const page = requirePage(world, viewer, { id: parameter(call) })
      const location = query.get('location')
      const found = world.state.comments.filter(
        (one) => one.pageId === page.id && (location === null || one.location === location),
      )
      return listed(call, found, (one) => presentComment(world, one))
    },
  },
  {
    method: 'GET',
    path: '/rest/api/content/:id/child/attachment',
    flavour: 'dc',
    answer: (call) =>
      listed(call, attachmentsOf(call), (one) => presentAttachment(call.world, one)),
  },
  {
    method: 'POST',
    path: '/rest/api/content/:id/child/attachment',
    changes: true,
    answer: (call) => upload(call, false),
  },
  {
    method: 'PUT',
    path: '/rest/api/content/:id/child/attachment',
    flavour: 'cloud',
    changes: true,
    answer: (call) => upload(call, true),
  },
  {
    method: 'POST',
    path: '/rest/api/content/:id/child/attachment/:attachment/data',
    flavour: 'dc',
    changes: true,
    answer: uploadData,
  },
  { method: 'GET', path: '/download/attachments/:id/:name', answer: download },
  {
    method: 'GET',
    path: '/rest/api/content/:id/version',
    flavour: 'dc',
    answer(call) {
      const { world, viewer } = call
      const page = requirePage(world, viewer, { id: parameter(call) })
      return listed(call, page.versions.toReversed(), (one) => presentVersion(world, one))
    },
  },
  {
    method: 'GET',
    path: '/rest/api/content/:id/label',
    answer: (call) => labelsOf(call, requirePage(call.world, call.viewer, { id: parameter(call) })),
  },
  { method: 'POST', path: '/rest/api/content/:id/label', changes: true, answer: addLabels },
  { method: 'DELETE', path: '/rest/api/content/:id/label', changes: true, answer: removeLabel },
  { method: 'GET', path: '/rest/api/content/:id/restriction/byOperation', answer: restrictionsOf },
  {
    method: 'PUT',
    path: '/rest/api/content/:id/restriction',
    flavour: 'cloud',
    changes: true,
    answer: setRestrictions,
  },
  {
    method: 'PUT',
    path: '/rest/experimental/content/:id/restriction',
    flavour: 'dc',
    changes: true,
    answer: setRestrictions,
  },
  { method: 'GET', path: '/rest/api/content/:id/property/:key', flavour: 'dc', answer: propertyOf },
  {
    method: 'POST',
    path: '/rest/api/content/:id/property',
    flavour: 'dc',
    changes: true,
    answer: (call) => writeProperty(call, true),
  },
  {
    method: 'PUT',
    path: '/rest/api/content/:id/property/:key',
    flavour: 'dc',
    changes: true,
    answer: (call) => writeProperty(call, false),
  },
  {
    method: 'PUT',
    path: '/rest/api/content/:id/move/:position/:target',
    flavour: 'cloud',
    changes: true,
    answer(call) {
      const [id, position] = [parameter(call), parameter(call, 'position')]
      movePage(call.world, call.viewer, { id, position, targetId: parameter(call, 'target') })
      return ok({ pageId: id })
    },
  },
  {
    method: 'POST',
    path: '/rest/api/content/:id/permission/check',
    flavour: 'cloud',
    answer: mayDo,
  },
  {
    method: 'GET',
    path: '/rest/api/analytics/content/:id/views',
    flavour: 'cloud',
    answer: (call) => {
      const page = requirePage(call.world, call.viewer, { id: parameter(call) })
      return ok({ id: Number(page.id), count: page.views })
    },
  },
  {
    method: 'GET',
    path: '/rest/api/group/:group/member',
    flavour: 'dc',
    answer: (call) => listed(call, call.world.people, (one) => presentPerson(call.world, one)),
  },
  ...templateRoutes('/rest/experimental', 'dc'),
  ...templateRoutes('/rest/api', 'cloud'),
]

/** The words of a page, for whoever shows it. */
export function excerptOf(page: StoredPage): string {
  return wordsOf(newest(page).storage)
}
