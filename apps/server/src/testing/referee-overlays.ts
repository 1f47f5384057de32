/** A vendor's OpenAPI file as it was parsed: its shape is the vendor's, so members are looked up with care. */
export type Specification = { [member: string]: unknown }

type Overlay = {
  /** Below the directory of specifications. */
  readonly file: string
  /** Absent for a file that nobody may keep: each developer fetches an own copy. */
  readonly sha256: string | undefined
  /** What the paths of the file leave out. */
  readonly base: string
  /** Mends the defects of the file that stand in the way of judging by it. */
  readonly mend: (specification: Specification) => void
}

export const vendors = {
  'jira-cloud': {
    file: 'jira-cloud/jira-cloud-v3.openapi.json',
    sha256: 'b9e7f99b7fb1bfeab2badb10ae14670118ca70b2e02e0d73c81d94124a585f26',
    base: '',
    mend: (specification) => {
      // Both say `additionalProperties: true`, so a misspelt member would pass.
      for (const name of ['IssueUpdateDetails', 'IssuesUpdateBean'])
        at(specification, 'components', 'schemas', name)['additionalProperties'] = false
      // Both require a member by a name that they do not have and do not allow.
      const schemas = at(specification, 'components', 'schemas')
      at(schemas, 'IssueBulkMovePayload')['required'] = ['targetToSourcesMapping']
      at(schemas, 'targetToSourcesMapping')['required'] = ['issueIdsOrKeys']
      // Errors have no body in most operations, 429 is declared on ten, 410 and 413 hardly ever.
      eachOperation(specification, (operation) => {
        const responses = at(operation, 'responses')
        for (const status of ['400', '403', '404', '409', '410', '413', '415', '429'])
          if (at(responses, status)['content'] === undefined)
            responses[status] = jsonResponse('ErrorCollection')
      })
      closeErrorCollection(specification)
    },
  },
  openai: {
    file: 'openai/openai.openapi.json',
    sha256: 'bbfd19abcde0e7412da99378deb2a959ccdd3a812f97c9e35901921e8e973f9a',
    base: '/v1',
    mend: (specification) => {
      walk(specification, mendNullable)
      // Chat declares 200 and a 429 without a body; the others leave errors out altogether.
      eachOperation(specification, (operation) => {
        const responses = at(operation, 'responses')
        for (const status of ['400', '401', '403', '404', '429', '500', '503'])
          responses[status] = jsonResponse('ErrorResponse')
      })
    },
  },
  'jira-dc': {
    file: 'jira-dc/jira-software-dc-10.3.24.openapi.json',
    sha256: undefined,
    base: '/rest',
    mend: mendJiraDataCenter,
  },
} as const satisfies Record<string, Overlay>

export type Vendor = keyof typeof vendors

function mendJiraDataCenter(specification: Specification): void {
  // Every value of `fields` is said to be an object.
  for (const name of ['IssueUpdateBean', 'IssueBean'])
    at(specification, 'components', 'schemas', name, 'properties', 'fields')[
      'additionalProperties'
    ] = {}
  // Only basic authentication is declared.
  at(specification, 'components', 'securitySchemes')['pat'] = { type: 'http', scheme: 'bearer' }
  // Create declares 201 and 400 alone, and the others are no more open about their errors.
  eachOperation(specification, (operation) => {
    const responses = at(operation, 'responses')
    responses['401'] ??= { description: 'Added by the overlay: often HTML.' }
    for (const status of ['400', '404', '429'])
      responses[status] ??= jsonResponse('ErrorCollection')
  })
  // These say that they answer with one item where they answer with a list.
  for (const name of ['project', 'field', 'issuetype', 'priority', 'status'])
    rewriteOk(specification, `/api/2/${name}`, (item) => ({ type: 'array', items: item }))
  // These say that they answer with one item where they answer with a page.
  const createMeta = '/api/2/issue/createmeta/{projectIdOrKey}/issuetypes'
  for (const path of [createMeta, `${createMeta}/{issueTypeId}`, '/agile/1.0/board'])
    rewriteOk(specification, path, (item) => ({
      type: 'object',
      required: ['values'],
      properties: {
        startAt: { type: 'integer' },
        maxResults: { type: 'integer' },
        total: { type: 'integer' },
        isLast: { type: 'boolean' },
        values: { type: 'array', items: item },
      },
    }))
}

function rewriteOk(
  specification: Specification,
  path: string,
  rewrite: (schema: unknown) => unknown,
): void {
  const content = at(specification, 'paths', path, 'get', 'responses', '200', 'content')
  const json = at(content, 'application/json')
  if (json['schema'] !== undefined) json['schema'] = rewrite(json['schema'])
}

/** The file is OpenAPI 3.1 with leftovers of 3.0: `nullable` beside an enum, a reference, nothing. */
function mendNullable(node: Specification): void {
  if (typeof node['nullable'] !== 'boolean') return
  const isNullable = node['nullable']
  if (typeof node['type'] !== 'string') delete node['nullable']
  if (!isNullable) return
  if (Array.isArray(node['enum'])) node['enum'] = [...node['enum'], null]
  if (typeof node['$ref'] !== 'string') return
  node['anyOf'] = [{ $ref: node['$ref'] }, { type: 'null' }]
  delete node['$ref']
}

/** `ErrorCollection` requires nothing; every error of Jira that we know has both members. */
function closeErrorCollection(specification: Specification): void {
  at(specification, 'components', 'schemas', 'ErrorCollection')['required'] = [
    'errorMessages',
    'errors',
  ]
}

function jsonResponse(schemaName: string): Specification {
  return {
    description: 'Added by the overlay.',
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName}` } } },
  }
}

const methods = ['get', 'post', 'put', 'delete', 'patch']

function eachOperation(
  specification: Specification,
  visit: (operation: Specification) => void,
): void {
  for (const path of Object.values(at(specification, 'paths')))
    for (const method of methods) {
      const operation = isRecord(path) ? path[method] : undefined
      if (isRecord(operation)) visit(operation)
    }
}

function walk(node: unknown, visit: (node: Specification) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit)
    return
  }
  if (!isRecord(node)) return
  visit(node)
  for (const value of Object.values(node)) walk(value, visit)
}

/** @returns an empty record, connected to nothing, where the way ends */
function at(node: Specification, ...path: readonly string[]): Specification {
  let found: unknown = node
  for (const step of path) found = isRecord(found) ? found[step] : undefined
  return isRecord(found) ? found : {}
}

function isRecord(value: unknown): value is Specification {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
