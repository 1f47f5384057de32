import { randomBytes } from 'node:crypto'
import type { JiraClient, JiraCreatedIssue } from '../../jira/jira-client.ts'
import { JiraError, type JiraFailureKind } from '../../jira/jira-error.ts'

/** Of the entity property that carries the mark. */
export const markerKey = 'studioops.marker'
const base32 = 'abcdefghijklmnopqrstuvwxyz234567'
const ownMarker = /\bso-[a-z2-7]{10}\b/

/** Jira said no itself, or nothing left: there is nothing to look for. */
const certain: ReadonlySet<JiraFailureKind> = new Set([
  'rejected',
  'bad-token',
  'captcha',
  'forbidden',
  'not-found',
  'rate-limited',
])

export type MarkedIssue = JiraCreatedIssue & { marker: string; recovered?: boolean }

type Create = {
  readonly fields: Readonly<Record<string, unknown>>
  readonly projectKey: string
  /** Of a caller that looks for the issue itself. */
  readonly marker?: string | undefined
  readonly signal: AbortSignal
}

/**
 * Creates an issue that carries a mark which nobody sees, and looks for it when the answer was lost.
 * A caller that marks its issues itself, as the product does, looks for them itself.
 *
 * @throws JiraError with `sent: true` when the issue may exist and was not found
 */
export async function createMarked(
  client: JiraClient,
  { fields, projectKey, marker: given, signal }: Create,
): Promise<MarkedIssue> {
  const own = given ?? ownMarker.exec(JSON.stringify(fields))?.[0]
  const marker = own ?? newMarker()
  const properties = [{ key: markerKey, value: { marker } }]
  try {
    return { ...(await client.createIssue(fields, { properties, signal })), marker }
  } catch (error) {
    if (own !== undefined || !mayExist(error)) throw error
    const found = await find(client, projectKey, marker)
    if (found === undefined) throw error
    return { ...found, marker, recovered: true }
  }
}

function mayExist(error: unknown): boolean {
  return error instanceof JiraError && error.sent && !certain.has(error.kind)
}

/** Among the newest issues of the project; what the index does not know yet stays unclear. */
async function find(
  client: JiraClient,
  projectKey: string,
  marker: string,
): Promise<JiraCreatedIssue | undefined> {
  try {
    const { issues } = await client.search(
      `project = "${projectKey}" AND creator = currentUser() ORDER BY created DESC`,
      { fields: ['created'], properties: [markerKey], limit: 20 },
    )
    const found = issues.find((issue) => markerOf(issue.properties?.[markerKey]) === marker)
    return found === undefined ? undefined : { id: found.id, key: found.key, url: found.url }
  } catch (error) {
    if (error instanceof JiraError) return undefined
    throw error
  }
}

export function markerOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'marker' in value ? value.marker : undefined
}

function newMarker(): string {
  return `so-${Array.from(randomBytes(10), (byte) => base32[byte % 32]).join('')}`
}
