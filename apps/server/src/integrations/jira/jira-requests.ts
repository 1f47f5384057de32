import {
  type AtlassianAddress,
  type AtlassianRequest,
  createAtlassianRequests,
} from '../atlassian/atlassian-requests.ts'
import type { JiraCredential } from './jira-credential.ts'
import { JiraError } from './jira-error.ts'

export { cleanBaseUrl, type Query } from '../atlassian/atlassian-requests.ts'

export type JiraAddress = AtlassianAddress

export type JiraRequest<T> = AtlassianRequest<T>

/**
 * Calls Jira with one credential and reads its answers. Every call throws JiraError only.
 *
 * @param credential undefined: as nobody
 */
export function createJiraRequests(address: JiraAddress, credential?: JiraCredential) {
  return createAtlassianRequests(address, {
    product: 'Jira',
    credential,
    toError: (failure, cause) => new JiraError(failure, cause),
  })
}

export type JiraRequests = ReturnType<typeof createJiraRequests>
