import { serverInfoAnswer } from './jira-answers.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { JiraError, type JiraFailureKind } from './jira-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { createJiraRequests, type JiraAddress } from './jira-requests.ts'

/** It answered, so it is there; it just does not tell strangers what it is. */
const shy: ReadonlySet<JiraFailureKind> = new Set([
  'bad-token',
  'captcha',
  'forbidden',
  'login-page',
  'not-found',
  'rejected',
  'rate-limited',
  'server-error',
  'unexpected-answer',
])

/** @returns the flavour of hosts whose name tells it; undefined for the others */
export function flavourOfHost(baseUrl: string): JiraFlavour | undefined {
  const hostname = URL.parse(baseUrl)?.hostname ?? ''
  const isCloud = hostname.endsWith('.atlassian.net') || hostname === 'api.atlassian.com'
  return isCloud ? 'cloud' : undefined
}

/**
 * Which Jira this is, by its name or by what it says of itself without a login. No token is sent.
 *
 * @returns `dc` also where Jira is there but does not tell
 * @throws JiraError when nothing answers, or a redirect does
 */
export async function detectFlavour(
  address: JiraAddress,
  { deadlineMs }: { readonly deadlineMs?: number } = {},
): Promise<JiraFlavour> {
  const known = flavourOfHost(address.baseUrl)
  try {
    const { deploymentType = '' } = await createJiraRequests(address).call({
      path: '/rest/api/2/serverInfo',
      answer: serverInfoAnswer,
      retriesMax: 0,
      isProbe: true,
      ...withoutAbsent({ deadlineMs }),
    })
    return known ?? (deploymentType.toLowerCase() === 'cloud' ? 'cloud' : 'dc')
  } catch (error) {
    if (error instanceof JiraError && shy.has(error.kind)) return known ?? 'dc'
    throw error
  }
}
