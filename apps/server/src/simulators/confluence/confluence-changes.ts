import type { JsonValue } from '../json-value.ts'
import {
  type ConfluenceState,
  increment,
  newest,
  nextId,
  type StoredAttachment,
  type StoredComment,
  type StoredPage,
} from './confluence-state.ts'
import {
  ancestorsOf,
  childrenOf,
  ConfluenceRefusal,
  type ConfluencePerson,
  type ConfluenceWorld,
  requireEditable,
  requireEditor,
  requirePage,
  requireSpace,
  spaceOf,
  type Viewer,
} from './confluence-world.ts'
import { storageProblem } from './storage-check.ts'

const titleMax = 255

/** @throws ConfluenceRefusal 400 */
function requireTitle(
  { state }: ConfluenceWorld,
  { title, spaceKey, id }: { title: string; spaceKey: string; id?: string },
): void {
  if (title.trim() === '') throw new ConfluenceRefusal(400, 'Title cannot be empty.')
  if (title.length > titleMax)
    throw new ConfluenceRefusal(400, `Title cannot be longer than ${titleMax} characters.`)
  const taken = state.pages.some(
    (page) =>
      page.status === 'current' &&
      page.spaceKey === spaceKey &&
      page.id !== id &&
      newest(page).title.toLowerCase() === title.toLowerCase(),
  )
  if (taken)
    throw new ConfluenceRefusal(
      400,
      `A page with this title already exists: A page already exists with the title ${title} in the space with key ${spaceKey}`,
    )
}

/** @throws ConfluenceRefusal 400 */
function requireStorage(storage: string): void {
  const problem = storageProblem(storage)
  if (problem !== undefined) throw new ConfluenceRefusal(400, problem)
}

export type NewPage = {
  readonly spaceKey: string
  readonly title: string
  readonly storage: string
  readonly parentId?: string | undefined
}

/** @throws ConfluenceRefusal */
export function createPage(world: ConfluenceWorld, viewer: Viewer, wanted: NewPage): StoredPage {
  const space = requireSpace(world, viewer, wanted.spaceKey)
  const person = requireEditor(space, viewer)
  const { parentId } = wanted
  const parent =
    parentId === undefined
      ? homeOf(world.state, space.key)
      : requirePage(world, viewer, { id: parentId })
  if (parent !== undefined && parent.spaceKey !== space.key)
    throw new ConfluenceRefusal(400, 'The parent page is not in the same space as the new page.')
  requireTitle(world, { title: wanted.title, spaceKey: space.key })
  requireStorage(wanted.storage)
  const page = addPage(world, { ...wanted, spaceKey: space.key, parent, person })
  const { effects } = world.state
  effects.creates += 1
  increment(effects.createsByTitle, wanted.title)
  return page
}

/** The page at the top of a space, where there is one. */
export function homeOf({ pages }: ConfluenceState, spaceKey: string): StoredPage | undefined {
  return pages.find(
    (page) =>
      page.spaceKey === spaceKey && page.parentId === undefined && page.status === 'current',
  )
}

export function addPage(
  world: ConfluenceWorld,
  {
    spaceKey,
    title,
    storage,
    parent,
    person,
  }: Omit<NewPage, 'parentId'> & {
    readonly parent: StoredPage | undefined
    readonly person: ConfluencePerson
  },
): StoredPage {
  const { state } = world
  const position = parent === undefined ? 0 : childrenOf(world, parent.id).length
  const page: StoredPage = {
    id: nextId(state),
    spaceKey,
    status: 'current',
    ...(parent === undefined ? {} : { parentId: parent.id }),
    position,
    labels: [],
    properties: [],
    restrictions: { read: { users: [], groups: [] }, update: { users: [], groups: [] } },
    versions: [
      {
        number: 1,
        by: person.key,
        when: world.now(),
        message: '',
        minorEdit: false,
        title,
        storage,
      },
    ],
    views: 0,
  }
  state.pages.push(page)
  return page
}

export type PageChange = {
  readonly title: string
  /** Absent: as it was. */
  readonly storage?: string | undefined
  readonly version: number
  readonly message: string
  readonly minorEdit: boolean
  readonly parentId?: string | undefined
}

/** Also takes a page out of the trash. @throws ConfluenceRefusal */
export function updatePage(
  world: ConfluenceWorld,
  viewer: Viewer,
  { id, change }: { readonly id: string; readonly change: PageChange },
): StoredPage {
  const { page, person } = requireEditable(world, viewer, { id, status: 'any' })
  const current = newest(page)
  if (change.version !== current.number + 1) throw new ConfluenceRefusal(409, conflict(world, page))
  requireTitle(world, { title: change.title, spaceKey: page.spaceKey, id })
  const storage = change.storage ?? current.storage
  requireStorage(storage)
  if (change.parentId !== undefined && change.parentId !== page.parentId)
    place(world, page, requirePage(world, viewer, { id: change.parentId }))
  const { title, version, message, minorEdit } = change
  page.status = 'current'
  page.versions.push({
    number: version,
    by: person.key,
    when: world.now(),
    message,
    minorEdit,
    title,
    storage,
  })
  const { effects } = world.state
  effects.updates += 1
  increment(effects.updatesByPage, id)
  return page
}

function conflict({ flavour }: ConfluenceWorld, page: StoredPage): string {
  const { number } = newest(page)
  return flavour === 'dc'
    ? `Version must be incremented on update. Current version is: ${number}`
    : `Version must be incremented when updating a page. Current Version: [${number}].`
}

/** @throws ConfluenceRefusal 400 where a page would become its own ancestor */
function place(world: ConfluenceWorld, page: StoredPage, parent: StoredPage): void {
  if (parent.id === page.id || ancestorsOf(world, parent).some(({ id }) => id === page.id))
    throw new ConfluenceRefusal(400, 'A page cannot be moved below itself.')
  if (parent.spaceKey !== page.spaceKey) {
    requireTitle(world, { title: newest(page).title, spaceKey: parent.spaceKey, id: page.id })
    page.spaceKey = parent.spaceKey
  }
  page.position = childrenOf(world, parent.id).length
  page.parentId = parent.id
}

/** @throws ConfluenceRefusal */
export function movePage(
  world: ConfluenceWorld,
  viewer: Viewer,
  { id, position, targetId }: { id: string; position: string; targetId: string },
): void {
  const { page } = requireEditable(world, viewer, { id })
  const target = requirePage(world, viewer, { id: targetId })
  if (position === 'append') return place(world, page, target)
  const parent = world.state.pages.find((one) => one.id === target.parentId)
  if (!['before', 'after'].includes(position) || parent === undefined)
    throw new ConfluenceRefusal(400, `Cannot move a page ${position} that one.`)
  place(world, page, parent)
  page.position = target.position + (position === 'before' ? -0.5 : 0.5)
  for (const [index, child] of childrenOf(world, parent.id).entries()) child.position = index
}

/** Into the trash; what is there already is gone for good. @throws ConfluenceRefusal */
export function trashPage(
  world: ConfluenceWorld,
  viewer: Viewer,
  { id, isPurge }: { readonly id: string; readonly isPurge: boolean },
): void {
  const { page } = requireEditable(world, viewer, { id, status: isPurge ? 'trashed' : 'current' })
  const { state } = world
  if (isPurge) {
    state.pages = state.pages.filter((one) => one !== page)
    return
  }
  page.status = 'trashed'
  // The children move up, as they do in Confluence.
  for (const child of childrenOf(world, id)) {
    if (page.parentId === undefined) delete child.parentId
    else child.parentId = page.parentId
  }
}

/** @throws ConfluenceRefusal */
export function addComment(
  world: ConfluenceWorld,
  viewer: Viewer,
  wanted: {
    readonly pageId: string
    readonly storage: string
    readonly parentId?: string | undefined
    readonly selection?: string | undefined
  },
): StoredComment {
  const page = requirePage(world, viewer, { id: wanted.pageId })
  const person = requireEditor(
    { ...spaceOf(world, page), editors: world.people.map(nameOf) },
    viewer,
  )
  requireStorage(wanted.storage)
  const { state } = world
  const parent = state.comments.find(({ id }) => id === wanted.parentId)
  const location = parent?.location ?? (wanted.selection === undefined ? 'footer' : 'inline')
  const comment: StoredComment = {
    id: nextId(state),
    pageId: page.id,
    ...(parent === undefined ? {} : { parentId: parent.id }),
    location,
    by: person.key,
    when: world.now(),
    storage: wanted.storage,
    ...(wanted.selection === undefined ? {} : { selection: wanted.selection }),
    isResolved: false,
  }
  state.comments.push(comment)
  state.effects.comments += 1
  return comment
}

const nameOf = ({ name }: ConfluencePerson): string => name

export type SentFile = {
  readonly fileName: string
  readonly mediaType: string
  readonly base64: string
  readonly comment: string
}

/** @throws ConfluenceRefusal 400 where the name is taken and `replaces` is false */
export function addAttachment(
  world: ConfluenceWorld,
  viewer: Viewer,
  { pageId, file, replaces }: { pageId: string; file: SentFile; replaces: boolean },
): StoredAttachment {
  const { page, person } = requireEditable(world, viewer, { id: pageId })
  const { state } = world
  const before = state.attachments.find(
    (one) => one.pageId === page.id && one.title === file.fileName,
  )
  if (before !== undefined && !replaces)
    throw new ConfluenceRefusal(
      400,
      `Cannot add a new attachment with same file name as an existing attachment: ${file.fileName}`,
    )
  const { mediaType, base64, comment } = file
  const fresh = { mediaType, base64, comment, by: person.key, when: world.now() }
  if (before !== undefined) return Object.assign(before, fresh, { version: before.version + 1 })
  const added = { id: `att${nextId(state)}`, pageId: page.id, title: file.fileName, version: 1 }
  const attachment: StoredAttachment = { ...added, ...fresh }
  state.attachments.push(attachment)
  return attachment
}

/** @throws ConfluenceRefusal 404 */
export function requireAttachment(
  world: ConfluenceWorld,
  viewer: Viewer,
  id: string,
): StoredAttachment {
  const found = world.state.attachments.find((one) => one.id === id)
  if (found === undefined) throw new ConfluenceRefusal(404, `No attachment found with id: ${id}`)
  requirePage(world, viewer, { id: found.pageId })
  return found
}

const marker = /^so-[a-z0-9]{4,40}$/

/** @throws ConfluenceRefusal 409 where it is there already, or in another version */
export function setProperty(
  world: ConfluenceWorld,
  viewer: Viewer,
  wanted: { pageId: string; key: string; value: JsonValue; version?: number | undefined },
) {
  const { page } = requireEditable(world, viewer, { id: wanted.pageId })
  const { key, value, version } = wanted
  const before = page.properties.find((one) => one.key === key)
  const expected = before === undefined ? undefined : before.version + 1
  if (version !== expected)
    throw new ConfluenceRefusal(409, `A property with the key ${key} exists in another version`)
  for (const found of JSON.stringify(value).match(/so-[a-z0-9]{4,40}/g) ?? [])
    if (marker.test(found)) increment(world.state.effects.pagesByMarker, found)
  if (before !== undefined) return Object.assign(before, { value, version })
  const added = { id: nextId(world.state), key, value, version: 1 }
  page.properties.push(added)
  return added
}
