import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseAllDocuments } from 'yaml'

/**
 * Compares every member of the manifests with the models of Kubernetes' own client, which are made
 * from its OpenAPI document: `node tools/deploy/check-manifests.ts`. Fetches the client from npm.
 */
const client = '@kubernetes/client-node@2.0.1'
const root = join(import.meta.dirname, '../..')

type Attribute = { readonly baseName: string; readonly type: string }
type Models = Readonly<Record<string, { getAttributeTypeMap?(): readonly Attribute[] } | undefined>>

const opaque = /^(?:string|number|boolean|any|object|Date|IntOrString)$/

function check(
  value: unknown,
  type: string,
  { models, at }: { models: Models; at: string },
): string[] {
  const item = /^Array<(.+)>$/.exec(type)?.[1]
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`${at} is no list`]
    return value.flatMap((one, index) => check(one, item, { models, at: `${at}[${index}]` }))
  }
  const entry = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1]
  if (entry !== undefined)
    return Object.entries(value as object).flatMap(([name, one]) =>
      check(one, entry, { models, at: `${at}.${name}` }),
    )
  const attributes = models[type]?.getAttributeTypeMap?.()
  if (attributes === undefined) return opaque.test(type) ? checkPlain(value, type, at) : []
  return Object.entries(value as object).flatMap(([name, one]) => {
    const known = attributes.find(({ baseName }) => baseName === name)
    const place = `${at}.${name}`
    return known === undefined
      ? [`${place} is not known to ${type}`]
      : check(one, known.type, { models, at: place })
  })
}

function checkPlain(value: unknown, type: string, at: string): string[] {
  const isPlain = ['string', 'number', 'boolean'].includes(type)
  return isPlain && typeof value !== type ? [`${at} is a ${typeof value}, not a ${type}`] : []
}

type Manifest = {
  readonly apiVersion: string
  readonly kind: string
  readonly items?: readonly Manifest[]
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'studioops-manifests-'))
  try {
    const install = [
      'install',
      '--prefix',
      directory,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      client,
    ]
    execFileSync('npm', install, { stdio: 'ignore' })
    const entry = join(directory, 'node_modules/@kubernetes/client-node/dist/index.js')
    const models = (await import(pathToFileURL(entry).href)) as Models
    const text = readFileSync(join(root, 'deploy/kubernetes/studioops.yaml'), 'utf8')
    const manifests = parseAllDocuments(text)
      .map((document) => document.toJS() as Manifest)
      .flatMap((manifest) => manifest.items ?? [manifest])
    const wrong = manifests.flatMap((manifest) => {
      const version = manifest.apiVersion.split('/').at(-1) ?? ''
      const type = `${version[0]?.toUpperCase()}${version.slice(1)}${manifest.kind}`
      if (models[type] === undefined) return [`nothing is called ${type}`]
      return check(manifest, type, { models, at: manifest.kind })
    })
    for (const sentence of wrong) console.log(sentence)
    console.log(`${manifests.length} manifests, ${wrong.length} findings`)
    if (wrong.length > 0 || manifests.length === 0) process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

await main()
