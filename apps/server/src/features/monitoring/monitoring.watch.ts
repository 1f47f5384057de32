import type { Audit, AuditEntry } from '../../platform/audit/audit.ts'
import type { ObjectStore } from '../../integrations/object-store/object-store.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import type { OutboundCall } from '../../platform/outbound/outbound.ts'
import { modelErrorCode } from '../../integrations/llm/model-error.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { providerOf, type Telemetry } from '../../platform/telemetry/telemetry.ts'
import type { ModelBooks } from '../models/index.ts'
import type { ToolService } from '../tools/index.ts'

/** Tells of a call to the outside. */
export function tellCall(telemetry: Telemetry, call: OutboundCall): void {
  const { system, method, host, durationMs, outcome } = call
  const isFailed = outcome instanceof OutboundError
  telemetry.callEnded({
    system,
    method,
    host,
    durationMs,
    status: isFailed ? undefined : outcome.status,
    failure: isFailed ? outcome.kind : undefined,
  })
}

/** Tells of each attempt at a model when it is written into the books. */
export function watchBooks(books: ModelBooks, telemetry: Telemetry): ModelBooks {
  return {
    ...books,
    async note(question, model, attempt) {
      const { usage, error, ttftMs, durationMs, outcome, asked, length } = attempt
      const name = model.candidate.model.name
      telemetry.attemptEnded({
        provider: providerOf(model.provider, name),
        model: name,
        outcome,
        code: error && modelErrorCode(error),
        durationMs,
        ttftMs,
        tokensIn: usage?.inputTokens ?? (length > 0 ? asked : 0),
        tokensOut: usage?.outputTokens ?? Math.ceil(length / lettersPerToken),
      })
      if (outcome === 'failed')
        telemetry.metrics.fallbacks(providerOf(model.provider, name), error?.kind ?? 'other').inc()
      await books.note(question, model, attempt)
    },
  }
}

const lettersPerToken = 3

/** Tells of each call of a tool. */
export function watchTools<T extends Pick<ToolService, 'call'>>(tools: T, telemetry: Telemetry): T {
  return {
    ...tools,
    async call(use: Parameters<ToolService['call']>[0]) {
      const began = performance.now()
      const tell = (code?: string) => {
        const durationMs = performance.now() - began
        telemetry.metrics
          .toolSeconds('tools/call', use.tool, code ?? '')
          .observe(durationMs / 1_000)
        const outcome = code === undefined ? 'ok' : 'error'
        telemetry.happened({ ...ofTools, name: use.tool, outcome, durationMs, code })
      }
      try {
        const answer = await tools.call(use)
        tell()
        return answer
      } catch (error) {
        tell(codeOf(error))
        throw error
      }
    },
  }
}

const ofTools = { type: 'mcp', operation: 'tools/call' } as const

/** Tells of each object that is written, read or removed. */
export function watchObjects(objects: ObjectStore, telemetry: Telemetry): ObjectStore {
  async function told<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const tell = (outcome: 'ok' | 'error', error?: unknown) =>
      telemetry.happened({
        type: 'storage',
        name: objects.kind,
        operation,
        outcome,
        durationMs: performance.now() - began,
        ...(error === undefined ? {} : { code: failureOf(error) }),
      })
    try {
      const result = await work()
      tell('ok')
      return result
    } catch (error) {
      tell('error', error)
      throw error
    }
  }
  return {
    ...objects,
    put: (key, file) => told('write', () => objects.put(key, file)),
    read: (key) => told('read', () => objects.read(key)),
    remove: (key) => told('remove', () => objects.remove(key)),
  }
}

/** Tells of what concerns people's access and the configuration; the rest is told in other ways. */
export function watchAudit(audit: Audit, telemetry: Telemetry): Audit {
  return {
    async record(entry, within) {
      await audit.record(entry, within)
      const type = typeOf(entry)
      if (type === undefined) return
      const outcome = outcomes[entry.outcome]
      telemetry.happened({ type, name: entry.action, operation: 'audit', outcome })
    },
  }
}

const outcomes = { done: 'ok', refused: 'refused', failed: 'error' } as const
const ofAccess =
  /^(?:session|password|factor|recovery-codes|account|access|access-token|jira-token)\./
const ofConfiguration =
  /^(?:configuration|workspace|connection|model|tls|keys|tool-server|backup)\./

function typeOf({ action }: AuditEntry): 'auth' | 'config' | undefined {
  if (ofAccess.test(action)) return 'auth'
  return ofConfiguration.test(action) ? 'config' : undefined
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'internal'
}

function failureOf(error: unknown): string {
  return error instanceof Error && 'failure' in error
    ? `storage.${String(error.failure)}`
    : 'internal'
}
