import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import Ajv04 from 'ajv-draft-04'
import { OpenAPIBackend, type Document } from 'openapi-backend'
import { vendors, type Specification, type Vendor } from './referee-overlays.ts'

export type Verdict = {
  readonly ok: boolean
  /** Empty when all is well; else one sentence each. */
  readonly errors: readonly string[]
}

/** Judges what a client sends and what a simulator answers by the vendor's own specification. */
export type Referee = {
  /** @param url with the path and query as the vendor documents them, without a context path */
  request(method: string, url: string, body?: unknown): Verdict
  response(answer: JudgedAnswer): Verdict
  /** Any value by a named schema of the file. */
  value(schemaName: string, value: unknown): Verdict
}

export type JudgedAnswer = {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly body: unknown
}

/** What a running test offers; `skip` must end it. */
export type Skipping = { readonly skip: (reason: string) => never }

const specsDir =
  // oxlint-disable-next-line node/no-process-env -- only tests read it, and specs/README.md names it
  process.env['STUDIOOPS_SPECS_DIR'] ?? join(import.meta.dirname, '../../../../../shared/specs')

const loaded = new Map<Vendor, Promise<Referee>>()

/**
 * The referee of a vendor. The test is skipped, with a reason that names the file, when the file
 * is not there or is not the version that the overlays were written for.
 */
export async function refereeOrSkip(vendor: Vendor, { skip }: Skipping): Promise<Referee> {
  const { file, sha256, mend } = vendors[vendor]
  const text = readOrSkip(file, sha256, skip)
  const ready = loaded.get(vendor) ?? createReferee(vendor, text, mend)
  loaded.set(vendor, ready)
  return ready
}

/** A document of Jira Cloud by Atlassian's own schema, which the OpenAPI file does not look into. */
export function adfRefereeOrSkip({ skip }: Skipping): (document: unknown) => Verdict {
  const text = readOrSkip(
    'adf/adf.full.schema.json',
    '5128562b75278c8a83e7e3619a570205bc80d59696985ec31a7a7883cff66fbe',
    skip,
  )
  const validate = new Ajv04.default({ strict: false }).compile(JSON.parse(text) as object)
  return (document) => verdict(validate(document), validate.errors)
}

/** Any file of the vendors, byte for byte; the test is skipped where it is not there or is another version. */
export function specificationOrSkip(file: string, sha256: string, { skip }: Skipping): string {
  return readOrSkip(file, sha256, skip)
}

function readOrSkip(
  file: string,
  sha256: string | undefined,
  skip: (reason: string) => never,
): string {
  const path = join(specsDir, file)
  if (!existsSync(path)) return skip(`${file} is not in ${specsDir}`)
  const bytes = readFileSync(path)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== undefined && found !== sha256) return skip(`unknown version of ${file}: ${found}`)
  return bytes.toString()
}

const ajvOptions = { strict: false, allErrors: true, validateFormats: false, discriminator: false }

async function createReferee(
  vendor: Vendor,
  text: string,
  mend: (specification: Specification) => void,
): Promise<Referee> {
  const definition = JSON.parse(text) as Specification
  mend(definition)
  const api = new OpenAPIBackend({
    definition: definition as unknown as Document,
    // Each operation is compiled when it is judged for the first time.
    quick: true,
    strict: false,
    validate: true,
    ajvOpts: ajvOptions,
  })
  await api.init()
  const ajv = new Ajv(ajvOptions).addSchema(definition, 'vendor')

  const find = (method: string, url: string) => {
    const { pathname, searchParams } = new URL(url, 'http://vendor')
    const { base } = vendors[vendor]
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname
    const request = { method, path, query: Object.fromEntries(searchParams), headers: {} }
    return { request, operation: api.matchOperation(request) }
  }

  return {
    request(method, url, body) {
      const { request, operation } = find(method, url)
      if (operation === undefined) return refusal(`no such operation: ${method} ${url}`)
      const headers: Record<string, string> =
        body === undefined ? {} : { 'content-type': 'application/json' }
      const { valid, errors } = api.validateRequest({ ...request, body, headers }, operation)
      return verdict(valid, errors)
    },
    response({ method, url, status, body }) {
      const { operation } = find(method, url)
      if (operation === undefined) return refusal(`no such operation: ${method} ${url}`)
      const declared = Object.keys(operation.responses ?? {})
      if (!declared.includes(String(status)))
        return refusal(`status ${status} is not declared (declared: ${declared.join(', ')})`)
      const { valid, errors } = api.validateResponse(body, operation, status)
      return verdict(valid, errors)
    },
    value(schemaName, value) {
      const validate = ajv.getSchema(`vendor#/components/schemas/${schemaName}`)
      if (validate === undefined) return refusal(`no such schema: ${schemaName}`)
      return verdict(validate(value) === true, validate.errors)
    },
  }
}

function verdict(ok: boolean, errors: readonly ErrorObject[] | null | undefined): Verdict {
  const texts = (errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? 'is wrong'} ${JSON.stringify(params)}`.trim(),
  )
  return { ok: ok && texts.length === 0, errors: texts }
}

function refusal(error: string): Verdict {
  return { ok: false, errors: [error] }
}
