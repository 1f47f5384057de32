import type { AtlassianFlavour } from '../atlassian/atlassian-credential.ts'
import type { FileForm, Patience } from '../atlassian/atlassian-requests.ts'

export type ConfluenceFlavour = AtlassianFlavour

export type ConfluencePerson = {
  /** Data Center: the user name. Cloud: the account id. */
  readonly id: string
  readonly displayName: string
  readonly email?: string
}

export type ConfluenceSpace = {
  /** Numeric, as text. */
  readonly id: string
  readonly key: string
  readonly name: string
  readonly url: string
  readonly homepageId?: string
}

export type PageVersion = {
  readonly number: number
  /** ISO 8601; empty where Confluence says nothing. */
  readonly when: string
  /** A name on Data Center, an account id on Cloud. */
  readonly by?: string
  readonly message?: string
  readonly minorEdit: boolean
}

export type PageStatus = 'current' | 'trashed' | 'draft' | 'archived' | 'historical'

/** A page without its text. */
export type PageRef = {
  readonly id: string
  readonly title: string
  readonly status: PageStatus
  readonly spaceKey: string
  /** Where a person looks at it. */
  readonly url: string
  readonly parentId?: string
}

export type Page = PageRef & {
  readonly spaceName: string
  readonly version: PageVersion
  /** From the top of the space down; without the page itself. */
  readonly ancestors: readonly { readonly id: string; readonly title: string }[]
  /** Storage format, byte for byte as Confluence holds it. */
  readonly storage: string
  readonly createdBy?: string
}

/** A part of a list. */
export type Paged<T> = {
  readonly items: readonly T[]
  /** Give it back to go on; absent on the last part. Opaque: a number on Data Center. */
  readonly next?: string
}

export type PageWish = {
  /** 1 to 100, default 25. */
  readonly limit?: number
  readonly cursor?: string | undefined
}

export type SearchHit = {
  readonly id: string
  readonly type: string
  readonly title: string
  readonly spaceKey: string
  readonly spaceName: string
  /** Plain text. */
  readonly excerpt: string
  readonly url: string
  readonly lastModified?: string
}

export type Comment = {
  readonly id: string
  readonly parentId?: string
  readonly location: 'footer' | 'inline'
  readonly by?: string
  readonly when: string
  readonly storage: string
  readonly url: string
  /** Of an inline comment: the words that it is about. */
  readonly selection?: string
  readonly isResolved?: boolean
}

export type Attachment = {
  readonly id: string
  readonly title: string
  readonly mediaType: string
  readonly bytes: number
  readonly comment?: string
  readonly version: number
  /** The page that it hangs on, where Confluence says. */
  readonly contentId?: string
  /** Below the base URL. */
  readonly downloadPath: string
}

/** Who alone may see a page, or change it; nobody named: whoever may in its space. */
export type Restriction = {
  readonly operation: 'read' | 'update'
  /** Login names on Data Center, account ids on Cloud. */
  readonly users: readonly string[]
  /** Names of groups. */
  readonly groups: readonly string[]
}

export type NewPage = {
  readonly spaceKey: string
  readonly title: string
  /** Storage format. */
  readonly storage: string
  readonly parentId?: string | undefined
}

export type PageChange = {
  readonly title: string
  readonly storage: string
  /** What was read; the change becomes the next one. @see ConfluenceError `conflict` */
  readonly basedOn: number
  readonly message?: string | undefined
  readonly minorEdit?: boolean | undefined
  readonly parentId?: string | undefined
}

/** The result of a write. */
export type Written = PageRef & { readonly version: number }

export type CommentLocation = 'footer' | 'inline'

export type Template = { readonly id: string; readonly name: string; readonly description: string }

/** What only some Confluence can; absent where this one cannot. */
export type ConfluenceCapabilities = {
  /** Hangs a comment on words of the page. */
  readonly addInlineComment?: (comment: {
    readonly pageId: string
    readonly storage: string
    readonly selection: string
    readonly matchCount: number
    readonly matchIndex: number
  }) => Promise<Comment>
  readonly views?: (pageId: string) => Promise<number>
  /** Beside another page, or into another space. */
  readonly moveBeside?: (
    pageId: string,
    target: { readonly position: 'before' | 'after' | 'append'; readonly targetId: string },
  ) => Promise<void>
  readonly mayDo?: (asked: {
    readonly contentId: string
    readonly subjectType: 'user' | 'group'
    readonly subject: string
    readonly operation: string
  }) => Promise<boolean>
  readonly spacePermissions?: (
    spaceId: string,
    wish: PageWish,
  ) => Promise<
    Paged<{
      readonly id: string
      readonly principalType: string
      readonly principalId: string
      readonly operation: string
      readonly target: string
    }>
  >
}

/**
 * A Confluence of one flavour with one person's credential: what both flavours can do. Every method
 * throws ConfluenceError only.
 */
export type ConfluenceClient = {
  readonly flavour: ConfluenceFlavour
  /** Without a slash at the end; of Cloud with `/wiki`. */
  readonly baseUrl: string
  readonly host: string
  readonly can: ConfluenceCapabilities

  /** @throws ConfluenceError `bad-token` also where Confluence answered as to a stranger (D-4) */
  myself(patience?: Patience): Promise<ConfluencePerson>
  spaces(wish?: PageWish): Promise<Paged<ConfluenceSpace>>
  /** @throws ConfluenceError `not-found` */
  space(key: string): Promise<ConfluenceSpace>

  /** @throws ConfluenceError `not-found` */
  page(
    id: string,
    wish?: Patience & { readonly version?: number; readonly status?: 'current' | 'trashed' },
  ): Promise<Page>
  /** The page of this title; asks no search index. */
  pageByTitle(spaceKey: string, title: string): Promise<Page | undefined>
  children(id: string, wish?: PageWish): Promise<Paged<PageRef>>
  /** Pages of a space with their parents, in no order. */
  pagesOfSpace(key: string, wish?: PageWish): Promise<Paged<PageRef>>
  /** From the search index, which lags behind. @param cql put values in with `quoteCql` */
  search(cql: string, wish?: PageWish): Promise<Paged<SearchHit>>
  versions(id: string, wish?: PageWish): Promise<Paged<PageVersion>>

  /** Sent once. @throws ConfluenceError `rejected` where the title is taken in the space */
  createPage(page: NewPage, patience?: Patience): Promise<Written>
  /** @throws ConfluenceError `conflict` where somebody else has changed the page since */
  updatePage(id: string, change: PageChange, patience?: Patience): Promise<Written>
  /** Below another page of the same space, as the last one. */
  moveBelow(id: string, parentId: string): Promise<void>
  /** Into the trash. */
  deletePage(id: string): Promise<void>
  /** Out of the trash. */
  restorePage(id: string): Promise<Written>

  comments(
    pageId: string,
    wish?: PageWish & { readonly location?: CommentLocation },
  ): Promise<Paged<Comment>>
  addComment(pageId: string, storage: string): Promise<Comment>
  reply(commentId: string, storage: string): Promise<Comment>
  /** The page that a comment hangs on; undefined where Confluence does not say. */
  pageOfComment(commentId: string): Promise<string | undefined>

  labels(id: string): Promise<readonly string[]>
  addLabel(id: string, name: string): Promise<readonly string[]>
  removeLabel(id: string, name: string): Promise<void>

  attachments(
    contentId: string,
    wish?: PageWish & { readonly fileName?: string; readonly mediaType?: string },
  ): Promise<Paged<Attachment>>
  attachment(id: string): Promise<Attachment>
  /** A file of the same name becomes the next version of it. */
  upload(
    contentId: string,
    file: FileForm & { readonly comment?: string | undefined; readonly minorEdit?: boolean },
  ): Promise<Attachment>
  /** @param limitBytes more than that is `unexpected-answer` */
  download(attachment: Attachment, limitBytes: number): Promise<Uint8Array>
  deleteAttachment(id: string): Promise<void>

  /** A value that people do not see; undefined where there is none. */
  property(pageId: string, key: string): Promise<unknown>
  setProperty(pageId: string, key: string, value: unknown): Promise<void>

  /** @param group Data Center looks among its members; Cloud everywhere */
  users(
    query: string,
    wish: { readonly limit: number; readonly group: string },
  ): Promise<readonly ConfluencePerson[]>
  restrictions(id: string): Promise<readonly Restriction[]>
  /**
   * Replaces the restrictions of a page; may be repeated.
   *
   * @throws ConfluenceError `not-found` also where a Data Center has no call for it
   */
  setRestrictions(id: string, wanted: readonly Restriction[]): Promise<void>
  templates(spaceKey: string | undefined, limit: number): Promise<readonly Template[]>
  template(id: string): Promise<Template & { readonly storage: string }>
}

/** A value for CQL, in quotes, so that nothing in it is read as a query. */
export function quoteCql(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
