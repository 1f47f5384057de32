import * as api from '@studioops/contracts/access-tokens'
import type { Router } from '../../platform/http/route.ts'
import type { AccessTokens } from './access-tokens.service.ts'

type Dependencies = {
  readonly router: Router
  readonly tokens: AccessTokens
  /** Where this request's person reaches the product; no slash at the end. */
  readonly originOf: (host: { readonly protocol: string; readonly host: string }) => string
}

export function registerAccessTokenRoutes({ router, tokens, originOf }: Dependencies): void {
  router.serve(api.listAccessTokens, async ({ principal, request }) => ({
    tokens: await tokens.list(principal.userId),
    mcpUrl: `${originOf(request)}/mcp`,
  }))

  router.serve(api.createAccessToken, async ({ principal, body }) =>
    tokens.make(principal.userId, body),
  )

  router.serve(api.revokeAccessToken, async ({ principal, params }) => ({
    tokens: await tokens.revoke(principal.userId, params.tokenId),
  }))
}
