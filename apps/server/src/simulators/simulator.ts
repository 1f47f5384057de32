import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FaultControl } from './fault-control.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

/** An outside system of ours: mounted inside the product, or served alone. */
export type Simulator = {
  /**
   * Answers one request. Returns at once, never throws.
   *
   * @param request its body must be unread
   * @param path the path below the mount point, with query; begins with `/`
   */
  handle(request: IncomingMessage, response: ServerResponse, path: string): void
  readonly faults: FaultControl
  /** What has been asked of the simulator and what it has done since it was made or restored. */
  counters(): JsonObject
  /** Everything that a restart must not lose; small enough for one JSON column in a demo. */
  snapshot(): JsonValue
  /** @throws Error when the value was not made by `snapshot` of the same kind of simulator */
  restore(snapshot: JsonValue): void
  /**
   * Calls back after every change of what `snapshot` holds, before the answer leaves.
   *
   * @returns a function that ends the subscription
   */
  onChange(listener: () => void): () => void
  /** Cuts every exchange that is still open (stalled, hanging, streaming). */
  close(): void
}
