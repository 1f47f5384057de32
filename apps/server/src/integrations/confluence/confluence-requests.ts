import { readBytes } from '../../platform/outbound/read-answer.ts'
import type { OpenedAnswer } from '../../platform/outbound/exchange.ts'
import type { AtlassianCredential } from '../atlassian/atlassian-credential.ts'
import {
  type AtlassianAddress,
  type AtlassianRequests,
  createAtlassianRequests,
  type FileForm,
  type Patience,
} from '../atlassian/atlassian-requests.ts'
import { contentAnswer, listOf, userAnswer, type links } from './confluence-answers.ts'
import { ConfluenceError, confluenceError } from './confluence-error.ts'
import type { Attachment, ConfluencePerson, PageWish, Restriction } from './confluence-model.ts'
import { toAttachment, toPerson } from './confluence-present.ts'
import type { z } from 'zod'

export type ConfluenceOptions = AtlassianAddress & { readonly credential: AtlassianCredential }

export type ConfluenceRequests = AtlassianRequests

export function createConfluenceRequests(
  { credential, ...address }: ConfluenceOptions,
  baseUrl: string,
): ConfluenceRequests {
  return createAtlassianRequests(
    { ...address, baseUrl },
    {
      product: 'Confluence',
      credential,
      toError: (failure, cause) => new ConfluenceError(failure, cause),
    },
  )
}

/** Cloud lives below `/wiki`, which people leave out. */
export function confluenceBase(baseUrl: string, flavour: 'dc' | 'cloud'): string {
  const clean = baseUrl.replace(/\/+$/, '')
  const isBare = URL.parse(clean)?.pathname === '/'
  const isAtlassian = URL.parse(clean)?.hostname.endsWith('.atlassian.net') === true
  return flavour === 'cloud' && isAtlassian && isBare ? `${clean}/wiki` : clean
}

const defaultLimit = 25
const limitMax = 100

export function limitOf({ limit = defaultLimit }: PageWish): number {
  return Math.min(limitMax, Math.max(1, limit))
}

/** Data Center counts what was given out. */
export function startOf({ cursor }: PageWish): number {
  const start = Number(cursor ?? 0)
  return Number.isInteger(start) && start > 0 ? start : 0
}

/** Where a list of Data Center goes on; its own link says only that it does. */
export function nextStart(
  { next }: z.output<typeof links>,
  wish: PageWish,
  count: number,
): { next?: string } {
  return next === undefined || count === 0 ? {} : { next: String(startOf(wish) + count) }
}

/** Where a list of Cloud goes on. */
export function nextCursor({ next }: z.output<typeof links>): { next?: string } {
  const query = next?.slice(next.indexOf('?') + 1)
  const cursor = query && new URLSearchParams(query).get('cursor')
  return cursor ? { next: cursor } : {}
}

/** A status proves nothing: only a person does (CONFSERVER-98199, D-4). */
export async function readMyself(
  requests: ConfluenceRequests,
  patience: Patience,
): Promise<ConfluencePerson> {
  const user = await requests.call({
    path: '/rest/api/user/current',
    answer: userAnswer,
    ...patience,
  })
  const person = user.type === 'anonymous' ? undefined : toPerson(user)
  if (person !== undefined) return person
  throw confluenceError({
    kind: 'bad-token',
    sent: true,
    host: requests.host,
    status: 200,
    detail: 'Confluence answered as to a stranger',
  })
}

/** @param userMember how this flavour names a person */
export function restrictionBody(
  wanted: readonly Restriction[],
  userMember: 'username' | 'accountId',
) {
  return wanted.map(({ operation, users, groups }) => ({
    operation,
    restrictions: {
      user: users.map((id) => ({ type: 'known', [userMember]: id })),
      group: groups.map((name) => ({ type: 'group', name })),
    },
  }))
}

/** A file of the same name becomes its next version on both, in two ways. */
export async function uploadFile(
  requests: ConfluenceRequests,
  target: { readonly path: string; readonly method: 'POST' | 'PUT' },
  file: FileForm & { readonly comment?: string | undefined; readonly minorEdit?: boolean },
): Promise<Attachment | undefined> {
  const { comment, minorEdit, ...form } = file
  const fields = {
    ...(comment === undefined ? {} : { comment }),
    minorEdit: String(minorEdit ?? false),
  }
  const answer = await requests.call({
    ...target,
    file: { ...form, fields },
    answer: listOf(contentAnswer).or(contentAnswer),
    deadlineMs: uploadDeadlineMs,
  })
  const [content] = 'results' in answer ? answer.results : [answer]
  return content && toAttachment(content)
}

type Download = {
  /** Below the base URL. */
  readonly path: string
  readonly limitBytes: number
  readonly open: 'open' | 'openFile'
}

const uploadDeadlineMs = 60_000
const downloadDeadlineMs = 30_000

/** @param open `openFile` where the files lie on a media host. @throws ConfluenceError */
export async function downloadFile(
  requests: ConfluenceRequests,
  { path, limitBytes, open }: Download,
): Promise<Uint8Array> {
  const answer = await requests[open](`${requests.baseUrl}${path}`, {
    limitBytes,
    signal: AbortSignal.timeout(downloadDeadlineMs),
    system: 'confluence-files',
  })
  try {
    if (answer.status === 200 && !isPageOfLogin(answer)) return await readBytes(answer.body)
  } catch (thrown) {
    throw requests.toProductError(thrown)
  }
  answer.close()
  throw confluenceError({
    kind: answer.status === 404 ? 'not-found' : 'unexpected-answer',
    sent: true,
    host: answer.host,
    status: answer.status,
    detail: 'the attachment did not come',
  })
}

/** An attachment may be HTML; a login page comes without a file name. */
function isPageOfLogin({ headers }: OpenedAnswer): boolean {
  return (
    /^text\/html/i.test(headers['content-type'] ?? '') &&
    headers['content-disposition'] === undefined
  )
}
