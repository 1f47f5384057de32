export { registerAccessTokenRoutes } from './access-tokens.routes.ts'
export { type AccessTokens, createAccessTokens, type TokenHolder } from './access-tokens.service.ts'

export { serveMcp } from './access-tokens.endpoints.ts'
