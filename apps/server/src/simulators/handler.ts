import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  deliverWithFault,
  jsonAnswer,
  refuseByFault,
  sendAnswer,
  type Answer,
  type Exchange,
} from './exchange.ts'
import type { Fault, FaultSource } from './fault-control.ts'
import type { JsonValue } from './json-value.ts'
import type { Simulator } from './simulator.ts'

export type Asked = Exchange & {
  readonly method: string
  readonly url: URL
  readonly fault: Fault | undefined
}

/** The way of a request through both simulators: fault before, effect, fault after. */
export function createHandler({
  faults,
  count,
  answer,
  errorBody,
}: {
  faults: FaultSource
  /** Called for every request, also for those that a fault ends. */
  count: (method: string, url: URL) => void
  /** Resolves to undefined when it has sent the answer itself. */
  answer: (asked: Asked) => Promise<Answer | undefined>
  errorBody: (status: number, text: string) => JsonValue
}): Pick<Simulator, 'handle' | 'close'> {
  const open = new Set<ServerResponse>()

  const run = async (exchange: Exchange, path: string): Promise<void> => {
    const url = new URL(path, 'http://simulator')
    const method = exchange.request.method ?? 'GET'
    count(method, url)
    const { latencyMs, fault } = faults.take(method, url.pathname)
    if (latencyMs > 0) await sleep(latencyMs)
    if (fault !== undefined && refuseByFault(exchange, fault, errorBody)) return
    const result = await answer({ ...exchange, method, url, fault })
    if (result !== undefined) await deliverWithFault(exchange, result, fault)
  }

  const fail = (exchange: Exchange, error: unknown): void => {
    if (exchange.request.destroyed || exchange.response.headersSent) {
      exchange.response.destroy()
      return
    }
    const text = error instanceof Error ? error.message : String(error)
    sendAnswer(
      exchange,
      jsonAnswer(500, errorBody(500, `The simulator has a defect. Please report it: ${text}`)),
    )
  }

  return {
    handle(request, response, path) {
      const exchange = { request, response }
      open.add(response)
      response.once('close', () => open.delete(response))
      run(exchange, path).catch((error: unknown) => fail(exchange, error))
    },
    close() {
      for (const response of open) response.destroy()
    },
  }
}
