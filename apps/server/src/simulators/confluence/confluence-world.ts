import type { JsonValue } from '../json-value.ts'
import type { ConfluenceState, StoredPage } from './confluence-state.ts'
import { newest } from './confluence-state.ts'

export type ConfluenceFlavour = 'dc' | 'cloud'

/** Somebody with an account; the same names and ids as in Jira. */
export type ConfluencePerson = {
  readonly name: string
  readonly key: string
  readonly accountId: string
  readonly displayName: string
  readonly emailAddress: string
  /** Data Center: goes into a Bearer header. */
  readonly personalAccessToken: string
  /** Cloud: goes into a Basic header, behind the e-mail address. */
  readonly apiToken: string
}

export type ConfluenceSpace = {
  readonly id: number
  readonly key: string
  readonly name: string
  /** Strangers may read it where strangers may read at all. */
  readonly isPublic?: boolean
  /** Names of people who may change it; absent: everybody with an account. */
  readonly editors?: readonly string[]
}

/** A page that is there from the beginning. */
export type ConfluenceSample = {
  readonly spaceKey: string
  readonly title: string
  readonly storage: string
  /** Title of its parent, which stands before it. */
  readonly parent?: string
  readonly labels?: readonly string[]
  /** Name of a person. */
  readonly by: string
}

export type ConfluenceTemplate = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly storage: string
}

export type ConfluenceWorld = {
  readonly flavour: ConfluenceFlavour
  readonly baseUrl: string
  readonly people: readonly ConfluencePerson[]
  readonly spaces: readonly ConfluenceSpace[]
  readonly templates: readonly ConfluenceTemplate[]
  readonly state: ConfluenceState
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How long the search index lags behind, in milliseconds. */
  readonly searchDelayMs: number
  /** Where the Cloud keeps its files. */
  readonly mediaUrl: string
}

/** Who asks; undefined is a stranger. */
export type Viewer = ConfluencePerson | undefined

/** What Confluence says no with. */
export class ConfluenceRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function personOf(world: ConfluenceWorld, key: string): ConfluencePerson | undefined {
  return world.people.find((person) => person.key === key)
}

export function visibleSpaces(world: ConfluenceWorld, viewer: Viewer): ConfluenceSpace[] {
  if (viewer === undefined) return world.spaces.filter(({ isPublic }) => isPublic === true)
  return world.state.withoutSpaces.includes(viewer.name) ? [] : [...world.spaces]
}

/** @throws ConfluenceRefusal 404 */
export function requireSpace(world: ConfluenceWorld, viewer: Viewer, key: string): ConfluenceSpace {
  const space = visibleSpaces(world, viewer).find(
    (one) => one.key === key || String(one.id) === key,
  )
  if (space !== undefined) return space
  throw new ConfluenceRefusal(404, `No space with key : ${key}`)
}

export function spaceOf(world: ConfluenceWorld, { spaceKey }: StoredPage): ConfluenceSpace {
  const space = world.spaces.find(({ key }) => key === spaceKey)
  if (space === undefined) throw new Error(`There is no space ${spaceKey}.`)
  return space
}

export function maySee(world: ConfluenceWorld, viewer: Viewer, page: StoredPage): boolean {
  const { users } = page.restrictions.read
  const isAdmitted = users.length === 0 || (viewer !== undefined && users.includes(viewer.name))
  return isAdmitted && visibleSpaces(world, viewer).some(({ key }) => key === page.spaceKey)
}

function mayEditSpace({ editors }: ConfluenceSpace, viewer: Viewer): boolean {
  return viewer !== undefined && (editors?.includes(viewer.name) ?? true)
}

export function mayEdit(world: ConfluenceWorld, viewer: Viewer, page: StoredPage): boolean {
  const { users } = page.restrictions.update
  const isAdmitted = users.length === 0 || (viewer !== undefined && users.includes(viewer.name))
  return isAdmitted && maySee(world, viewer, page) && mayEditSpace(spaceOf(world, page), viewer)
}

/** @throws ConfluenceRefusal 403 */
export function requireEditor(space: ConfluenceSpace, viewer: Viewer): ConfluencePerson {
  if (viewer !== undefined && mayEditSpace(space, viewer)) return viewer
  throw new ConfluenceRefusal(403, 'User does not have permission to create content in this space')
}

/** @throws ConfluenceRefusal 404 */
export function requirePage(
  world: ConfluenceWorld,
  viewer: Viewer,
  { id, status = 'current' }: { readonly id: string; readonly status?: string },
): StoredPage {
  const page = world.state.pages.find((one) => one.id === id)
  const isThere = page !== undefined && (status === 'any' || page.status === status)
  if (isThere && maySee(world, viewer, page)) return page
  throw new ConfluenceRefusal(404, `No content found with id: ContentId{id=${id}}`)
}

/** @throws ConfluenceRefusal 403, 404 */
export function requireEditable(
  world: ConfluenceWorld,
  viewer: Viewer,
  wanted: { readonly id: string; readonly status?: string },
): { page: StoredPage; person: ConfluencePerson } {
  const page = requirePage(world, viewer, wanted)
  if (viewer !== undefined && mayEdit(world, viewer, page)) return { page, person: viewer }
  throw new ConfluenceRefusal(403, 'User not permitted to modify this content')
}

export function childrenOf({ state }: ConfluenceWorld, parentId: string): StoredPage[] {
  return state.pages
    .filter((page) => page.parentId === parentId && page.status === 'current')
    .toSorted((a, b) => a.position - b.position)
}

/** From the top down. */
export function ancestorsOf({ state }: ConfluenceWorld, page: StoredPage): StoredPage[] {
  const found: StoredPage[] = []
  let parent = state.pages.find(({ id }) => id === page.parentId)
  while (parent !== undefined && found.length < 50) {
    found.unshift(parent)
    const { parentId } = parent
    parent = state.pages.find(({ id }) => id === parentId)
  }
  return found
}

/** Where a person looks at it, below the base URL. */
export function webPath(world: ConfluenceWorld, page: StoredPage): string {
  const { title } = newest(page)
  return world.flavour === 'cloud'
    ? `/spaces/${page.spaceKey}/pages/${page.id}/${encodeURIComponent(title).replaceAll('%20', '+')}`
    : `/pages/viewpage.action?pageId=${page.id}`
}

export type Body = { readonly [member: string]: JsonValue | undefined }
