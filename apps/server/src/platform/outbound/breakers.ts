import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBreaker,
  noJitterGenerator,
  SamplingBreaker,
} from 'cockatiel'
import { LRUCache } from 'lru-cache'
import { OutboundError, type OutboundFailureKind } from './outbound-error.ts'

/** The rest is an answer, a refusal of ours or the caller's own decision: nobody is down. */
const countedKinds: ReadonlySet<OutboundFailureKind> = new Set([
  'refused',
  'dns',
  'tls',
  'timeout',
  'reset',
])

type Answer = { readonly status: number }

const openForMs = 5_000
const openForAtMostMs = 60_000

/**
 * Breakers per dependency and credential, so that one person's bad token closes nothing for others
 * (`reliability.md` 3.3). Opens at 5 failures in a row, or when more than half of at least 10 calls
 * within 30 s failed; stays open 5 s, doubling to 60 s; then one call tries.
 */
export function createBreakers() {
  const breakers = new LRUCache<string, CircuitBreakerPolicy>({ max: 1_000 })

  function breakerOf(key: string): CircuitBreakerPolicy {
    const known = breakers.get(key)
    if (known !== undefined) return known
    const made = createBreaker()
    breakers.set(key, made)
    return made
  }

  return {
    /** @throws OutboundError `refused` with `retryAfterMs` while the breaker of the key is open */
    async run<A extends Answer>(
      { key, host }: { readonly key: string; readonly host: string },
      attempt: () => Promise<A>,
    ): Promise<A> {
      try {
        return await breakerOf(key).execute(attempt)
      } catch (error) {
        if (!isBrokenCircuit(error)) throw error
        const detail = 'it failed several times in a row and is left alone for a moment'
        throw new OutboundError({
          kind: 'refused',
          sent: false,
          host,
          detail,
          retryAfterMs: openForMs,
        })
      }
    },
    /** True while calls with this key are refused at once. */
    isOpen: (key: string): boolean => breakers.get(key)?.state === CircuitState.Open,
  }
}

function createBreaker(): CircuitBreakerPolicy {
  return circuitBreaker(handleWhen(isCountedError).orWhenResult(isServerError), {
    breaker: createEitherBreaker([
      new ConsecutiveBreaker(5),
      // Without minimumRps it wants 10 failures a second, which our traffic never has.
      new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 10 / 30 }),
    ]),
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: openForMs,
      maxDelay: openForAtMostMs,
      exponent: 2,
      generator: noJitterGenerator,
    }),
  })
}

/** Opens as soon as one of the rules says so. All must see every call, hence no short-circuit. */
function createEitherBreaker(rules: readonly IBreaker[]): IBreaker {
  return {
    get state() {
      return rules.map((rule) => rule.state)
    },
    set state(states: unknown) {
      if (!Array.isArray(states)) return
      for (const [index, rule] of rules.entries()) rule.state = states[index]
    },
    success: (state) => rules.forEach((rule) => rule.success(state)),
    failure: (state) => rules.map((rule) => rule.failure(state)).some(Boolean),
  }
}

function isCountedError(error: unknown): boolean {
  return error instanceof OutboundError && countedKinds.has(error.kind)
}

function isServerError(answer: unknown): boolean {
  return (answer as Answer).status >= 500
}

function isBrokenCircuit(error: unknown): boolean {
  return error instanceof Error && 'isBrokenCircuitError' in error
}
