import { createCloudClient } from './confluence-cloud.ts'
import { createDataCenterClient } from './confluence-dc.ts'
import type { ConfluenceClient, ConfluenceFlavour } from './confluence-model.ts'
import {
  confluenceBase,
  type ConfluenceOptions,
  createConfluenceRequests,
} from './confluence-requests.ts'

/** Confluence of one flavour, with one person's credential. Every method throws ConfluenceError only. */
export function createConfluenceClient({
  flavour,
  ...options
}: ConfluenceOptions & { readonly flavour: ConfluenceFlavour }): ConfluenceClient {
  const requests = createConfluenceRequests(options, confluenceBase(options.baseUrl, flavour))
  return flavour === 'cloud' ? createCloudClient(requests) : createDataCenterClient(requests)
}
