// oxlint-disable
// The test client of the MCP TypeScript SDK (test/conformance, commit 3924de99d, Apache-2.0 and MIT), without
// its own HTTP server and without types: what the conformance suite expects by name. Not our code.
let currentLogLevel = 'debug'
export function setLogLevel(level) {
  currentLogLevel = level
}
export function getLogLevel() {
  return currentLogLevel
}
export const logger = {
  debug: (...args) => {
    if (currentLogLevel === 'debug') {
      console.log(...args)
    }
  },
  error: (...args) => {
    console.error(...args)
  },
}
export class ConformanceOAuthProvider {
  _redirectUrl
  _clientMetadata
  _clientMetadataUrl
  _clientInformation
  _tokens
  _codeVerifier
  _authCode
  _iss
  _discoveryState
  constructor(_redirectUrl, _clientMetadata, _clientMetadataUrl) {
    this._redirectUrl = _redirectUrl
    this._clientMetadata = _clientMetadata
    this._clientMetadataUrl = _clientMetadataUrl
  }
  get redirectUrl() {
    return this._redirectUrl
  }
  get clientMetadata() {
    return this._clientMetadata
  }
  get clientMetadataUrl() {
    return this._clientMetadataUrl?.toString()
  }
  clientInformation() {
    return this._clientInformation
  }
  saveClientInformation(clientInformation) {
    this._clientInformation = clientInformation
  }
  tokens() {
    return this._tokens
  }
  saveTokens(tokens) {
    this._tokens = tokens
  }
  saveDiscoveryState(state) {
    this._discoveryState = state
  }
  discoveryState() {
    return this._discoveryState
  }
  invalidateCredentials(scope) {
    if (scope === 'all' || scope === 'client') this._clientInformation = undefined
    if (scope === 'all' || scope === 'tokens') this._tokens = undefined
    if (scope === 'all' || scope === 'verifier') this._codeVerifier = undefined
    if (scope === 'all' || scope === 'discovery') this._discoveryState = undefined
  }
  async redirectToAuthorization(authorizationUrl) {
    try {
      const response = await fetch(authorizationUrl.toString(), {
        redirect: 'manual',
      })
      const location = response.headers.get('location')
      if (location) {
        const redirectUrl = new URL(location)
        const code = redirectUrl.searchParams.get('code')
        this._iss = redirectUrl.searchParams.get('iss') ?? undefined
        if (code) {
          this._authCode = code
          return
        } else {
          throw new Error('No auth code in redirect URL')
        }
      } else {
        throw new Error(`No redirect location received, from '${authorizationUrl.toString()}'`)
      }
    } catch (error) {
      console.error('Failed to fetch authorization URL:', error)
      throw error
    }
  }
  async getAuthCode() {
    if (this._authCode) {
      return this._authCode
    }
    throw new Error('No authorization code')
  }
  getIss() {
    return this._iss
  }
  saveCodeVerifier(codeVerifier) {
    this._codeVerifier = codeVerifier
  }
  codeVerifier() {
    if (!this._codeVerifier) {
      throw new Error('No code verifier saved')
    }
    return this._codeVerifier
  }
}
import {
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
  isStrictScopeSuperset,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
export const handle401 = async (response, provider, next, serverUrl) => {
  const { resourceMetadataUrl, scope: challengedScope } = extractWWWAuthenticateParams(response)
  const previousTokens = await provider.tokens()
  const scope =
    response.status === 403
      ? computeScopeUnion(previousTokens?.scope, challengedScope)
      : challengedScope
  if (response.status === 401) {
    provider.invalidateCredentials('discovery')
  }
  let result = await auth(provider, {
    serverUrl,
    resourceMetadataUrl,
    scope,
    forceReauthorization: isStrictScopeSuperset(scope, previousTokens?.scope),
    fetchFn: next,
  })
  if (result === 'REDIRECT') {
    const authorizationCode = await provider.getAuthCode()
    const iss = provider.getIss()
    result = await auth(provider, {
      serverUrl,
      resourceMetadataUrl,
      scope,
      authorizationCode,
      iss,
      fetchFn: next,
    })
    if (result !== 'AUTHORIZED') {
      throw new UnauthorizedError(`Authentication failed with result: ${result}`)
    }
  }
}
export const withOAuthRetry = (
  clientName,
  baseUrl,
  handle401Fn = handle401,
  clientMetadataUrl,
  existingProvider,
) => {
  const provider =
    existingProvider ??
    new ConformanceOAuthProvider(
      'http://localhost:3000/callback',
      {
        client_name: clientName,
        redirect_uris: ['http://localhost:3000/callback'],
      },
      clientMetadataUrl,
    )
  return (next) => {
    return async (input, init) => {
      const makeRequest = async () => {
        const headers = new Headers(init?.headers)
        const tokens = await provider.tokens()
        if (tokens) {
          headers.set('Authorization', `Bearer ${tokens.access_token}`)
        }
        return await next(input, {
          ...init,
          headers,
        })
      }
      let response = await makeRequest()
      if (response.status === 401 || response.status === 403) {
        const serverUrl =
          baseUrl || (typeof input === 'string' ? new URL(input).origin : input.origin)
        await handle401Fn(response, provider, next, serverUrl)
        response = await makeRequest()
      }
      if (response.status === 401 || response.status === 403) {
        const url = typeof input === 'string' ? input : input.toString()
        throw new UnauthorizedError(`Authentication failed for ${url}`)
      }
      return response
    }
  }
}
import {
  Client,
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  PrivateKeyJwtProvider,
  requestJwtAuthorizationGrant,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { z } from 'zod'
const CIMD_CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json'
const ClientConformanceContextSchema = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('auth/client-credentials-jwt'),
    client_id: z.string(),
    private_key_pem: z.string(),
    signing_algorithm: z.string().optional(),
  }),
  z.object({
    name: z.literal('auth/client-credentials-basic'),
    client_id: z.string(),
    client_secret: z.string(),
  }),
  z.object({
    name: z.literal('auth/pre-registration'),
    client_id: z.string(),
    client_secret: z.string(),
  }),
  z.object({
    name: z.literal('auth/cross-app-access-complete-flow'),
    client_id: z.string(),
    client_secret: z.string(),
    idp_client_id: z.string(),
    idp_id_token: z.string(),
    idp_issuer: z.string(),
    idp_token_endpoint: z.string(),
  }),
  z.object({
    name: z.literal('auth/enterprise-managed-authorization'),
    client_id: z.string(),
    client_secret: z.string(),
    idp_client_id: z.string(),
    idp_id_token: z.string(),
    idp_issuer: z.string(),
    idp_token_endpoint: z.string(),
  }),
])
function parseContext() {
  const raw = process.env.MCP_CONFORMANCE_CONTEXT
  if (!raw) {
    throw new Error('MCP_CONFORMANCE_CONTEXT not set')
  }
  return ClientConformanceContextSchema.parse(JSON.parse(raw))
}
const scenarioHandlers = {}
function registerScenario(name, handler) {
  scenarioHandlers[name] = handler
}
function registerScenarios(names, handler) {
  for (const name of names) {
    scenarioHandlers[name] = handler
  }
}
const MODERN_SPEC_VERSIONS = new Set(['2026-07-28'])
function isModernConformanceRun() {
  const version = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION
  return version !== undefined && MODERN_SPEC_VERSIONS.has(version)
}
async function runBasicClient(serverUrl) {
  const client = new Client(
    {
      name: 'test-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  await client.listTools()
  logger.debug('Successfully listed tools')
  await transport.close()
  logger.debug('Connection closed successfully')
}
async function runToolsCallClient(serverUrl) {
  if (isModernConformanceRun()) {
    return runToolsCallModernClient(serverUrl)
  }
  const client = new Client(
    {
      name: 'test-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  const tools = await client.listTools()
  logger.debug('Successfully listed tools')
  if (tools.tools.some((t) => t.name === 'add_numbers')) {
    const result = await client.callTool({
      name: 'add_numbers',
      arguments: {
        a: 5,
        b: 3,
      },
    })
    logger.debug('Tool call result:', JSON.stringify(result, null, 2))
  }
  await transport.close()
  logger.debug('Connection closed successfully')
}
async function runToolsCallModernClient(serverUrl) {
  const client = new Client(
    {
      name: 'test-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
      versionNegotiation: {
        mode: 'auto',
      },
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Negotiated protocol version:', client.getNegotiatedProtocolVersion())
  const tools = await client.listTools()
  logger.debug('Successfully listed tools')
  if (tools.tools.some((t) => t.name === 'add_numbers')) {
    const result = await client.callTool({
      name: 'add_numbers',
      arguments: {
        a: 5,
        b: 3,
      },
    })
    logger.debug('Tool call result:', JSON.stringify(result, null, 2))
  }
  await client.close()
  logger.debug('Connection closed successfully')
}
async function runRequestMetadataClient(serverUrl) {
  const clientInfo = {
    name: 'test-client',
    version: '1.0.0',
  }
  const client = new Client(clientInfo, {
    capabilities: {
      roots: {
        listChanged: true,
      },
      sampling: {},
      elicitation: {},
    },
    versionNegotiation: {
      mode: 'auto',
    },
  })
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Negotiated protocol version:', client.getNegotiatedProtocolVersion())
  await client.close()
  logger.debug('Connection closed successfully')
}
registerScenario('initialize', runBasicClient)
registerScenario('tools_call', runToolsCallClient)
registerScenario('request-metadata', runRequestMetadataClient)
async function runHttpStandardHeadersClient(serverUrl) {
  const client = await connectModernHeaderClient(serverUrl)
  logger.debug('Successfully connected to MCP server')
  const { tools } = await client.listTools()
  const tool = tools[0]
  if (tool) {
    await client.callTool({
      name: tool.name,
      arguments: {},
    })
  }
  const { resources } = await client.listResources()
  const resource = resources[0]
  if (resource) {
    await client.readResource({
      uri: resource.uri,
    })
  }
  const { prompts } = await client.listPrompts()
  const prompt = prompts[0]
  if (prompt) {
    await client.getPrompt({
      name: prompt.name,
      arguments: {},
    })
  }
  await client.close()
  logger.debug('Connection closed successfully')
}
registerScenario('http-standard-headers', runHttpStandardHeadersClient)
function readToolCallsContext() {
  const raw = process.env.MCP_CONFORMANCE_CONTEXT
  if (!raw) return []
  const parsed = JSON.parse(raw)
  return parsed.toolCalls ?? []
}
async function connectModernHeaderClient(serverUrl) {
  const client = new Client(
    {
      name: 'test-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
      versionNegotiation: {
        mode: 'auto',
      },
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    fetch: withLocalDiscoverResponse({
      name: 'test-client',
      version: '1.0.0',
    }),
  })
  await client.connect(transport)
  return client
}
async function runHttpCustomHeadersClient(serverUrl) {
  const client = await connectModernHeaderClient(serverUrl)
  const { tools } = await client.listTools()
  logger.debug('listed tools:', tools.map((t) => t.name).join(', '))
  for (const call of readToolCallsContext()) {
    await client.callTool({
      name: call.name,
      arguments: call.arguments,
    })
  }
  await client.close()
}
async function runHttpInvalidToolHeadersClient(serverUrl) {
  const client = await connectModernHeaderClient(serverUrl)
  const { tools } = await client.listTools()
  logger.debug('post-exclusion tools:', tools.map((t) => t.name).join(', '))
  for (const tool of tools) {
    await client
      .callTool({
        name: tool.name,
        arguments: {
          region: 'us-west1',
        },
      })
      .catch((error) => {
        logger.debug(`call ${tool.name} rejected:`, String(error))
      })
  }
  await client.close()
}
registerScenario('http-custom-headers', runHttpCustomHeadersClient)
registerScenario('http-invalid-tool-headers', runHttpInvalidToolHeadersClient)
function withLocalDiscoverResponse(serverInfo) {
  return async (input, init) => {
    if (typeof init?.body === 'string') {
      try {
        const message = JSON.parse(init.body)
        if (message.method === 'server/discover') {
          return Response.json(
            {
              jsonrpc: '2.0',
              id: message.id,
              result: {
                supportedVersions: ['2026-07-28'],
                capabilities: {
                  tools: {
                    listChanged: true,
                  },
                  resources: {},
                  prompts: {},
                },
                _meta: {
                  'io.modelcontextprotocol/serverInfo': serverInfo,
                },
              },
            },
            {
              status: 200,
              headers: {
                'Content-Type': 'application/json',
              },
            },
          )
        }
      } catch {}
    }
    return fetch(input, init)
  }
}
async function runMrtrClient(serverUrl) {
  const clientInfo = {
    name: 'test-client',
    version: '1.0.0',
  }
  const capabilities = {
    elicitation: {},
  }
  const client = new Client(clientInfo, {
    capabilities,
    versionNegotiation: {
      mode: 'auto',
    },
  })
  client.setRequestHandler('elicitation/create', async (request) => {
    logger.debug('Fulfilling embedded elicitation request:', JSON.stringify(request.params))
    return {
      action: 'accept',
      content: {
        confirmed: true,
      },
    }
  })
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    fetch: withLocalDiscoverResponse(clientInfo),
  })
  await client.connect(transport)
  logger.debug('Negotiated protocol version:', client.getNegotiatedProtocolVersion())
  const echoResult = await client.callTool({
    name: 'test_mrtr_echo_state',
    arguments: {},
  })
  logger.debug('test_mrtr_echo_state result:', JSON.stringify(echoResult))
  const noStateResult = await client.callTool({
    name: 'test_mrtr_no_state',
    arguments: {},
  })
  logger.debug('test_mrtr_no_state result:', JSON.stringify(noStateResult))
  const unrelatedResult = await client.callTool({
    name: 'test_mrtr_unrelated',
    arguments: {},
  })
  logger.debug('test_mrtr_unrelated result:', JSON.stringify(unrelatedResult))
  try {
    const noResultTypeResult = await client.callTool({
      name: 'test_mrtr_no_result_type',
      arguments: {},
    })
    logger.debug('test_mrtr_no_result_type result:', JSON.stringify(noResultTypeResult))
  } catch (error) {
    logger.debug(
      'test_mrtr_no_result_type rejected locally (no retry):',
      error instanceof Error ? error.message : String(error),
    )
  }
  await client.close()
  logger.debug('Connection closed successfully')
}
registerScenario('sep-2322-client-request-state', runMrtrClient)
async function runAuthClient(serverUrl) {
  const client = new Client(
    {
      name: 'test-auth-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
      versionNegotiation: {
        mode: 'auto',
      },
    },
  )
  const oauthFetch = withOAuthRetry(
    'test-auth-client',
    new URL(serverUrl),
    handle401,
    CIMD_CLIENT_METADATA_URL,
  )(fetch)
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    fetch: oauthFetch,
  })
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  await client.listTools()
  logger.debug('Successfully listed tools')
  await client.callTool({
    name: 'test-tool',
    arguments: {},
  })
  logger.debug('Successfully called tool')
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenarios(
  [
    'auth/basic-cimd',
    'auth/metadata-default',
    'auth/metadata-var1',
    'auth/metadata-var2',
    'auth/metadata-var3',
    'auth/2025-03-26-oauth-metadata-backcompat',
    'auth/2025-03-26-oauth-endpoint-fallback',
    'auth/resource-mismatch',
    'auth/scope-from-www-authenticate',
    'auth/scope-from-scopes-supported',
    'auth/scope-omitted-when-undefined',
    'auth/scope-step-up',
    'auth/scope-retry-limit',
    'auth/token-endpoint-auth-basic',
    'auth/token-endpoint-auth-post',
    'auth/token-endpoint-auth-none',
    'auth/offline-access-scope',
    'auth/offline-access-not-supported',
    'auth/iss-supported',
    'auth/iss-not-advertised',
    'auth/iss-supported-missing',
    'auth/iss-wrong-issuer',
    'auth/iss-unexpected',
    'auth/iss-normalized',
    'auth/metadata-issuer-mismatch',
    'auth/authorization-server-migration',
  ],
  runAuthClient,
)
async function runClientCredentialsJwt(serverUrl) {
  const ctx = parseContext()
  if (ctx.name !== 'auth/client-credentials-jwt') {
    throw new Error(`Expected jwt context, got ${ctx.name}`)
  }
  const provider = new PrivateKeyJwtProvider({
    clientId: ctx.client_id,
    privateKey: ctx.private_key_pem,
    algorithm: ctx.signing_algorithm || 'ES256',
  })
  const client = new Client(
    {
      name: 'conformance-client-credentials-jwt',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    authProvider: provider,
  })
  await client.connect(transport)
  logger.debug('Successfully connected with private_key_jwt auth')
  await client.listTools()
  logger.debug('Successfully listed tools')
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('auth/client-credentials-jwt', runClientCredentialsJwt)
async function runClientCredentialsBasic(serverUrl) {
  const ctx = parseContext()
  if (ctx.name !== 'auth/client-credentials-basic') {
    throw new Error(`Expected basic context, got ${ctx.name}`)
  }
  const provider = new ClientCredentialsProvider({
    clientId: ctx.client_id,
    clientSecret: ctx.client_secret,
  })
  const client = new Client(
    {
      name: 'conformance-client-credentials-basic',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    authProvider: provider,
  })
  await client.connect(transport)
  logger.debug('Successfully connected with client_secret_basic auth')
  await client.listTools()
  logger.debug('Successfully listed tools')
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('auth/client-credentials-basic', runClientCredentialsBasic)
async function runCrossAppAccessCompleteFlow(serverUrl) {
  const ctx = parseContext()
  if (
    ctx.name !== 'auth/cross-app-access-complete-flow' &&
    ctx.name !== 'auth/enterprise-managed-authorization'
  ) {
    throw new Error(`Expected cross-app-access context, got ${ctx.name}`)
  }
  const provider = new CrossAppAccessProvider({
    clientId: ctx.client_id,
    clientSecret: ctx.client_secret,
    assertion: async (authCtx) => {
      const result = await requestJwtAuthorizationGrant({
        tokenEndpoint: ctx.idp_token_endpoint,
        audience: authCtx.authorizationServerUrl,
        resource: authCtx.resourceUrl,
        idToken: ctx.idp_id_token,
        clientId: ctx.idp_client_id,
        fetchFn: authCtx.fetchFn,
      })
      return result.jwtAuthGrant
    },
  })
  const client = new Client(
    {
      name: 'conformance-cross-app-access',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    authProvider: provider,
  })
  await client.connect(transport)
  logger.debug('Successfully connected with cross-app-access auth')
  await client.listTools()
  logger.debug('Successfully listed tools')
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('auth/cross-app-access-complete-flow', runCrossAppAccessCompleteFlow)
registerScenario('auth/enterprise-managed-authorization', runCrossAppAccessCompleteFlow)
async function runPreRegistrationClient(serverUrl) {
  const ctx = parseContext()
  if (ctx.name !== 'auth/pre-registration') {
    throw new Error(`Expected pre-registration context, got ${ctx.name}`)
  }
  const provider = new ConformanceOAuthProvider('http://localhost:3000/callback', {
    client_name: 'conformance-pre-registration',
    redirect_uris: ['http://localhost:3000/callback'],
  })
  provider.saveClientInformation({
    client_id: ctx.client_id,
    client_secret: ctx.client_secret,
    redirect_uris: ['http://localhost:3000/callback'],
  })
  const oauthFetch = withOAuthRetry(
    'conformance-pre-registration',
    new URL(serverUrl),
    handle401,
    undefined,
    provider,
  )(fetch)
  const client = new Client(
    {
      name: 'conformance-pre-registration',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl), {
    fetch: oauthFetch,
  })
  await client.connect(transport)
  await client.listTools()
  await client.callTool({
    name: 'test-tool',
    arguments: {},
  })
  await transport.close()
}
registerScenario('auth/pre-registration', runPreRegistrationClient)
async function runElicitationDefaultsClient(serverUrl) {
  const client = new Client(
    {
      name: 'elicitation-defaults-test-client',
      version: '1.0.0',
    },
    {
      capabilities: {
        elicitation: {
          form: {
            applyDefaults: true,
          },
        },
      },
    },
  )
  client.setRequestHandler('elicitation/create', async (request) => {
    logger.debug('Received elicitation request:', JSON.stringify(request.params, null, 2))
    logger.debug('Accepting with empty content - SDK should apply defaults')
    return {
      action: 'accept',
      content: {},
    }
  })
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  const tools = await client.listTools()
  logger.debug(
    'Available tools:',
    tools.tools.map((t) => t.name),
  )
  const testTool = tools.tools.find((t) => t.name === 'test_client_elicitation_defaults')
  if (!testTool) {
    throw new Error('Test tool not found: test_client_elicitation_defaults')
  }
  logger.debug('Calling test_client_elicitation_defaults tool...')
  const result = await client.callTool({
    name: 'test_client_elicitation_defaults',
    arguments: {},
  })
  logger.debug('Tool result:', JSON.stringify(result, null, 2))
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('elicitation-sep1034-client-defaults', runElicitationDefaultsClient)
async function runSSERetryClient(serverUrl) {
  const client = new Client(
    {
      name: 'sse-retry-test-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  const tools = await client.listTools()
  logger.debug(
    'Available tools:',
    tools.tools.map((t) => t.name),
  )
  const testTool = tools.tools.find((t) => t.name === 'test_reconnection')
  if (!testTool) {
    throw new Error('Test tool not found: test_reconnection')
  }
  logger.debug('Calling test_reconnection tool...')
  const result = await client.callTool({
    name: 'test_reconnection',
    arguments: {},
  })
  logger.debug('Tool result:', JSON.stringify(result, null, 2))
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('sse-retry', runSSERetryClient)
async function runJsonSchemaRefNoDerefClient(serverUrl) {
  const client = new Client(
    {
      name: 'json-schema-ref-no-deref-client',
      version: '1.0.0',
    },
    {
      capabilities: {},
    },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  const tools = await client.listTools()
  logger.debug(
    'Available tools:',
    tools.tools.map((t) => t.name),
  )
  await transport.close()
  logger.debug('Connection closed successfully')
}
registerScenario('json-schema-ref-no-deref', runJsonSchemaRefNoDerefClient)
const JSON_SCHEMA_2020_12_TOOL = 'json_schema_2020_12_tool'
const JSON_SCHEMA_ECHO_TOOL = 'json_schema_echo'
async function runJsonSchema2020_12PreservationClient(serverUrl) {
  const client = new Client(
    {
      name: 'json-schema-2020-12-preservation-client',
      version: '1.0.0',
    },
    isModernConformanceRun()
      ? {
          capabilities: {},
          versionNegotiation: {
            mode: 'auto',
          },
        }
      : {
          capabilities: {},
        },
  )
  const transport = new StreamableHTTPClientTransport(new URL(serverUrl))
  await client.connect(transport)
  logger.debug('Successfully connected to MCP server')
  const tools = await client.listTools()
  logger.debug(
    'Available tools:',
    tools.tools.map((t) => t.name),
  )
  const focal = tools.tools.find((t) => t.name === JSON_SCHEMA_2020_12_TOOL)
  if (!focal) {
    throw new Error(`Tool '${JSON_SCHEMA_2020_12_TOOL}' not advertised by the server`)
  }
  logger.debug('Observed inputSchema:', JSON.stringify(focal.inputSchema, null, 2))
  const result = await client.callTool({
    name: JSON_SCHEMA_ECHO_TOOL,
    arguments: {
      schema: focal.inputSchema,
    },
  })
  logger.debug('Echo result:', JSON.stringify(result, null, 2))
  await client.close()
  logger.debug('Connection closed successfully')
}
registerScenario('json-schema-2020-12-preservation', runJsonSchema2020_12PreservationClient)
async function main() {
  const scenarioName = process.env.MCP_CONFORMANCE_SCENARIO
  const serverUrl = process.argv[2]
  if (!scenarioName || !serverUrl) {
    logger.error('Usage: MCP_CONFORMANCE_SCENARIO=<scenario> everything-client <server-url>')
    logger.error(
      '\nThe MCP_CONFORMANCE_SCENARIO env var is set automatically by the conformance runner.',
    )
    logger.error('\nAvailable scenarios:')
    for (const name of Object.keys(scenarioHandlers).toSorted()) {
      logger.error(`  - ${name}`)
    }
    process.exit(1)
  }
  const handler = scenarioHandlers[scenarioName]
  if (!handler) {
    logger.error(`Unknown scenario: ${scenarioName}`)
    logger.error('\nAvailable scenarios:')
    for (const name of Object.keys(scenarioHandlers).toSorted()) {
      logger.error(`  - ${name}`)
    }
    process.exit(1)
  }
  try {
    await handler(serverUrl)
    process.exit(0)
  } catch (error) {
    logger.error('Error:', error)
    process.exit(1)
  }
}
await main()
