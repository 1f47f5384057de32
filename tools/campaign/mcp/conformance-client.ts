import { createOutboundFetch } from '../../../apps/server/src/integrations/mcp/client/outbound-fetch.ts'
import { createOutbound } from '../../../apps/server/src/platform/outbound/outbound.ts'

/**
 * The client of the SDK's own tests on our way out: guarded, pinned, without redirects. The suite
 * starts it with the address of its server as the last argument.
 */
const origins = new Set<string>()
const outbound = createOutbound({
  allowed: { listed: [], trustedOrigins: () => [...origins] },
})
const ours = createOutboundFetch(outbound, { credentialKey: 'conformance' })

const browser = globalThis.fetch

globalThis.fetch = async (input, init) => {
  // Here the test plays the person's browser at the page of an authorization server.
  if (init?.redirect === 'manual') return browser(input, init)
  // A form and a request object come as text this way.
  const request = new Request(input, init)
  origins.add(new URL(request.url).origin)
  const body = await request.text()
  const { method, headers, signal } = request
  return ours(new URL(request.url), { method, headers, signal, ...(body !== '' && { body }) })
}

// @ts-expect-error -- the client of the SDK's own tests, without types
await import('./everything-client.mjs')
