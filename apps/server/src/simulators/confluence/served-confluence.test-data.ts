import { demoConfluence, demoConfluencePeople } from '../demo-data.ts'
import { serveSimulators } from '../serve.ts'
import {
  type ConfluencePerson,
  type ConfluenceSimulator,
  type ConfluenceSimulatorOptions,
  createConfluenceSimulator,
} from './confluence-simulator.ts'

export type ServedConfluence = AsyncDisposable & {
  /** Without the context path. */
  readonly origin: string
  readonly url: string
  readonly simulator: ConfluenceSimulator
}

export function wikiPerson(name = 'noa.levi'): ConfluencePerson {
  const person = demoConfluencePeople.find((one) => one.name === name)
  if (person === undefined) throw new Error(`There is no ${name} in the demo.`)
  return person
}

/** Below `/wiki` on both: that is where clients of Cloud look, and a context path like any other. */
export async function serveConfluence(
  flavour: 'dc' | 'cloud',
  options: Partial<ConfluenceSimulatorOptions> = {},
): Promise<ServedConfluence> {
  const served = await serveSimulators({
    '/wiki': (publicUrl) =>
      createConfluenceSimulator({ publicUrl, flavour, ...demoConfluence, ...options }),
  })
  return {
    origin: served.origin,
    url: `${served.origin}/wiki`,
    simulator: served.simulators['/wiki'],
    [Symbol.asyncDispose]: () => served.close(),
  }
}
