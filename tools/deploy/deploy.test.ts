import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { describeConfig } from '../../apps/server/src/config/config.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const known = new Set(
  describeConfig().flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
)
/** Read by what is beneath the product. */
const ofOthers = new Set(['TZ'])

type Workload = {
  readonly kind: string
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number }
        readonly containers: readonly {
          readonly args: readonly string[]
          readonly env: readonly { readonly name: string }[]
          readonly securityContext: object
          readonly readinessProbe?: { readonly httpGet: { readonly path: string } }
          readonly livenessProbe?: { readonly httpGet: { readonly path: string } }
        }[]
      }
    }
  }
}

const dockerfile = read('Dockerfile')
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, { environment?: Record<string, string>; image?: string; build?: string }>
}
const manifests = parseAllDocuments(read('deploy/kubernetes/studioops.yaml')).flatMap(
  (document) => {
    const manifest = document.toJS() as Workload & { readonly items?: readonly Workload[] }
    return manifest.items ?? [manifest]
  },
)
const pods = manifests.flatMap(({ spec }) => spec?.template?.spec ?? [])

describe('what the product is deployed with', () => {
  it('names settings that the product reads, wherever they are set [DPL-2] [OPS-3]', () => {
    const inImage = (/^ENV (.+)$/m.exec(dockerfile)?.[1] ?? '').split(' ')
    const inUnit = /^Environment=(.+)$/m.exec(read('deploy/systemd/studioops.service'))?.[1] ?? ''
    const names = [
      ...[...inImage, ...inUnit.split(' ')].map((pair) => pair.split('=')[0] ?? ''),
      ...Object.values(compose.services).flatMap(({ build, environment = {} }) =>
        build === undefined ? [] : Object.keys(environment),
      ),
      ...manifests.flatMap(({ kind, data = {} }) =>
        kind === 'ConfigMap' ? Object.keys(data) : [],
      ),
      ...pods.flatMap(({ containers }) =>
        containers.flatMap(({ env }) => env.map(({ name }) => name)),
      ),
    ]
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((name) => !known.has(name) && !ofOthers.has(name))).toEqual([])
  })

  it('runs in containers as nobody in particular, on a root that is read only, in a set time zone [DPL-2] [DPL-6]', () => {
    expect(dockerfile).toMatch(/^USER 10001:10001$/m)
    expect(dockerfile).toMatch(/^ENV .*\bTZ=UTC$/m)
    for (const { securityContext, containers } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001 })
      for (const container of containers)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
    }
    for (const service of Object.values(compose.services).filter(
      ({ build }) => build !== undefined,
    ))
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  })

  it('has pages and workers apart, and asks pages alone whether they are ready [D-22] [DPL-4]', () => {
    const parts = pods.flatMap(({ containers }) => containers)
    expect(parts.map(({ args }) => args)).toEqual([['web'], ['worker']])
    expect(
      parts.map(({ livenessProbe, readinessProbe }) => [
        livenessProbe?.httpGet.path,
        readinessProbe?.httpGet.path,
      ]),
    ).toEqual([
      ['/healthz', '/readyz'],
      [undefined, undefined],
    ])
  })

  it('takes the Node that the launcher fetches, and no image without a version [OPS-6]', () => {
    const fetched = /nodeVersion = '([\d.]+)'/.exec(read('tools/launch/runtime.mjs'))?.[1]
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(new Set(images)).toEqual(new Set([`node:${fetched}-bookworm-slim`]))
    const others = Object.values(compose.services)
      .filter(({ build }) => build === undefined)
      .map(({ image }) => image)
    for (const image of others) expect(image).toMatch(/:\d+\.\d+/)
  })
})
