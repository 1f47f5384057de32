import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ErrorCode, Facts } from '@studioops/contracts/errors'
import { createLog } from '../../platform/log/log.ts'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'
import { dependencies, type DependencyName } from './http-dependencies.ts'
import { type HttpFault, strangeHosts, strangeLookup } from './http-faults.ts'

export type CellOutcome = {
  /** The step that failed; absent: the dependency passed. */
  readonly failed?: { readonly step: string; readonly code: ErrorCode; readonly facts: Facts }
  readonly durationMs: number
  /** Connections that reached the other side. */
  readonly connections: number
  readonly logged: string
}

type Cell = {
  readonly name: DependencyName
  readonly fault: HttpFault
  /** A port at which connecting takes for ever. */
  readonly holePort: number
}

/** Tries one connection as its button does, with one thing wrong between it and the simulator. */
export async function runCell({ name, fault, holePort }: Cell): Promise<CellOutcome> {
  await using opened = new AsyncDisposableStack()
  const dependency = dependencies[name]
  const upstream = createServer((request, response) =>
    simulator.handle(request, response, (request.url ?? '').slice(dependency.path.length) || '/'),
  )
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  opened.defer(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const { place } = fault
  const proxy = opened.adopt(
    await openFaultProxy({
      upstreamPort: (upstream.address() as AddressInfo).port,
      ...(place?.kind === 'proxy' && { tlsOptions: place.tls }),
    }),
    (open) => open.close(),
  )
  const origin = originOf(fault, { proxyPort: proxy.port, holePort })
  const baseUrl = `${origin}${dependency.path}`
  const simulator = dependency.simulate(baseUrl)
  opened.defer(() => simulator.close())

  const lines: string[] = []
  const outbound = opened.use(
    createOutbound({
      allowed: {
        listed: [
          `127.0.0.1:${proxy.port}`,
          `127.0.0.1:${holePort}`,
          ...Object.values(strangeHosts),
        ],
      },
      log: createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } }),
      lookup: strangeLookup,
      // A busy machine is no slow network; where the network is what is tried, its clocks are the usual ones.
      ...(place?.kind !== 'black-hole' && { timeouts: { connectMs: 20_000, tlsMs: 20_000 } }),
    }),
  )
  const ask = () =>
    dependency.ask({
      outbound,
      baseUrl,
      tls: place?.kind === 'proxy' && place.ca !== undefined ? { ca: place.ca } : {},
    })

  await prepare(fault, { proxy, ask })
  const began = performance.now()
  const { steps } = await ask()
  const durationMs = performance.now() - began
  const failed = steps.find(({ state }) => state === 'failed')
  return {
    ...(failed?.failure && { failed: { step: failed.step, ...failed.failure } }),
    durationMs,
    connections: proxy.accepted(),
    logged: lines.join('\n'),
  }
}

function originOf(
  { place }: HttpFault,
  { proxyPort, holePort }: { readonly proxyPort: number; readonly holePort: number },
): string {
  switch (place?.kind) {
    case 'named':
      return `http://${strangeHosts[place.host]}`
    case 'black-hole':
      return `http://127.0.0.1:${holePort}`
    case 'proxy':
      return `https://127.0.0.1:${proxyPort}`
    case 'closed':
    case undefined:
      return `http://127.0.0.1:${proxyPort}`
  }
}

type Scene = { readonly proxy: FaultProxy; readonly ask: () => Promise<unknown> }

async function prepare({ place, wire, before }: HttpFault, { proxy, ask }: Scene): Promise<void> {
  if (place?.kind === 'closed') await proxy.close()
  if (before !== undefined) await ask()
  if (before === 'reset-all') proxy.resetAll()
  if (before === 'down-and-up') {
    proxy.set({ kind: 'cut', afterBytes: 0, how: 'rst' })
    await ask()
    proxy.set({ kind: 'none' })
  }
  if (wire !== undefined) proxy.set(wire)
}
