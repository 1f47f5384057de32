import type { z } from 'zod'
import type { myselfAnswer } from './jira-answers.ts'
import type { JiraFlavour } from './jira-credential.ts'
import { jiraError } from './jira-error.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { cleanBaseUrl } from './jira-requests.ts'

/** Who a credential belongs to (ID-2, D-3). */
export type JiraIdentity = {
  /** Data Center: the login name. Cloud: the account id. */
  readonly employeeId: string
  readonly name: string
  /** Absent where Jira hides it. */
  readonly email?: string
  readonly displayName: string
  readonly active: boolean
  readonly deleted: boolean
  readonly avatarUrl?: string
  /** The canonical address of this Jira (ID-3). */
  readonly baseUrl: string
}

type Called = { readonly flavour: JiraFlavour; readonly baseUrl: string; readonly host: string }

/** @throws JiraError `bad-token` when Jira answered somebody without an identity, or `redirect` */
export function readIdentity(
  answer: z.output<typeof myselfAnswer>,
  { flavour, baseUrl, host }: Called,
): JiraIdentity {
  const employeeId = flavour === 'cloud' ? answer.accountId : answer.name
  // An anonymous visitor has neither key nor account id, whatever name he is given.
  if (employeeId === undefined || (flavour === 'dc' && answer.key === undefined))
    throw jiraError({ kind: 'bad-token', host, detail: 'Jira answered as to an anonymous visitor' })
  const { displayName = answer.name ?? employeeId, avatarUrls, active, deleted } = answer
  return {
    employeeId,
    name: answer.name ?? displayName,
    displayName,
    active,
    deleted,
    ...withoutAbsent({
      email: answer.emailAddress,
      avatarUrl: avatarUrls['48x48'] ?? Object.values(avatarUrls).at(-1),
    }),
    baseUrl: baseUrlFromSelf(answer.self, baseUrl),
  }
}

/**
 * Cuts the base URL out of a `self` link: `https://h:8443/jira/rest/api/2/user?username=a` gives
 * `https://h:8443/jira`. Where only scheme or port differ from what was called, a proxy stands
 * before Jira and the address that was called is the one that works.
 *
 * @throws JiraError `redirect` with the target, when Jira calls itself by another host
 */
export function baseUrlFromSelf(self: string | undefined, called: string): string {
  const here = new URL(called)
  const there = URL.parse(self ?? '')
  const end = there?.pathname.indexOf('/rest/api/') ?? -1
  if (there === null || end === -1) return cleanBaseUrl(called)
  const base = `${there.origin}${there.pathname.slice(0, end)}`
  if (there.origin === here.origin) return base
  if (there.hostname === here.hostname) return cleanBaseUrl(called)
  const detail = `Jira calls itself ${there.host}`
  throw jiraError({ kind: 'redirect', host: here.host, target: base, detail })
}

/** @throws JiraError `deleted` or `inactive` */
export function requireUsable(identity: JiraIdentity, host: string): JiraIdentity {
  const { displayName } = identity
  if (identity.deleted)
    throw jiraError({ kind: 'deleted', host, displayName, detail: 'the account was deleted' })
  if (!identity.active)
    throw jiraError({ kind: 'inactive', host, displayName, detail: 'the account is switched off' })
  return identity
}
