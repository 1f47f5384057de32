import type {
  DependencyCondition,
  DependencyKind,
  SelfCheck,
  SystemStatus,
} from '@studioops/contracts/health'
import type { Heartbeat, HeartbeatsOf } from '@studioops/contracts/monitoring'
import type { Log } from '../log/log.ts'
import { type Degradation, degradationOf } from './degradation.ts'
import {
  afterSample,
  type DependencyState,
  isSuspect,
  type Sample,
  unknownDependency,
} from './dependency-state.ts'
import { createLevelKeeper } from './level-keeper.ts'
import { within } from './within.ts'

/** One thing that the product needs and that it can ask by itself. */
export type Check = {
  readonly kind: DependencyKind
  /**
   * @returns why it is not well, in a sentence without secrets; undefined when it is. May throw: what
   *   cannot be asked is not well
   */
  run(): Promise<string | undefined>
}

/** A service that people use; `name` tells those of one kind apart. */
export type Service = { readonly kind: DependencyKind; readonly name: string }

/** @returns undefined where the answer says nothing of the service */
export type Probe = () => Promise<Sample | undefined>

type Settings = {
  readonly checks: readonly Check[]
  /** 0 to 1, of the place in which the data lies. */
  readonly diskFreeRatio: () => Promise<number>
  /** Between two looks at what is well. */
  readonly intervalMs: number
  /** How long one look may take. */
  readonly timeoutMs: number
  readonly log: Log
  readonly clock?: () => Date
  /** Between two looks at what is not well. Default: a second. */
  readonly suspectMs?: number
  /** For so long a better level has to hold before it is told. Default: three seconds. */
  readonly betterAfterMs?: number
  readonly hear?: HealthListener
}

/** Hears of changes only, in the turn in which they are found. */
export type HealthListener = {
  level(told: Degradation): void
  dependency(service: Service, condition: DependencyCondition, latencyMs: number): void
}

type Watched = {
  readonly kind: DependencyKind
  readonly name: string
  /** @returns what it heard, undefined where that is no evidence */
  readonly look: () => Promise<Sample | undefined>
  state: DependencyState
  since: Date
  checkedAt: Date
  /** When somebody called it, other than we. */
  usedAt: number
  latencyMs: number
  reason: string | undefined
  timer: NodeJS.Timeout | undefined
  /** The newest looks, the oldest first. */
  readonly beats: Heartbeat[]
}

const beatsMax = 60
const beatEveryMs = 1_000

/** A service that nobody has called for so long is no longer of interest. */
const forgottenAfterMs = 24 * 60 * 60_000

export type HealthWatch = ReturnType<typeof createHealthWatch>

/**
 * Looks again and again at what the product depends on, takes what calls of people tell as evidence
 * too, and says how the whole stands (D-21, HLT-3). A change is logged once, not at every look.
 */
export function createHealthWatch(settings: Settings) {
  const { checks, intervalMs, timeoutMs, log, hear } = settings
  const { clock = () => new Date(), suspectMs = 1_000, betterAfterMs = 3_000 } = settings
  const watched = new Map<string, Watched>()
  let diskFreeRatio: number | undefined
  let isRunning = false
  let first: Promise<unknown> | undefined
  const level = createLevelKeeper({
    log,
    clock,
    betterAfterMs,
    onChange: (told) => hear?.level(told),
    judge: () =>
      degradationOf({
        diskFreeRatio,
        standings: [...watched.values()].map(({ kind, name, state }) => ({
          kind,
          name,
          condition: state.condition,
        })),
      }),
  })

  function watch({ kind, name }: Service, look: Watched['look']): Watched {
    const now = clock()
    const one: Watched = {
      kind,
      name,
      look,
      state: unknownDependency,
      since: now,
      checkedAt: now,
      usedAt: now.getTime(),
      latencyMs: 0,
      reason: undefined,
      timer: undefined,
      beats: [],
    }
    watched.set(keyOf(one), one)
    return one
  }

  for (const { kind, run } of checks) {
    const one = watch({ kind, name: '' }, async () => {
      const reason = await within(timeoutMs, run()).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      )
      one.reason = reason?.slice(0, 300)
      return reason === undefined ? { outcome: 'success', isLate: false } : { outcome: 'soft' }
    })
  }

  /** Of many calls within a second one tells; a change always. */
  function beat({ beats, checkedAt, latencyMs, state: { condition } }: Watched): void {
    const last = beats.at(-1)
    const at = checkedAt.getTime()
    if (last?.condition === condition && at - last.at < beatEveryMs) beats.pop()
    beats.push({ at, condition, latencyMs })
    if (beats.length > beatsMax) beats.shift()
  }

  /** Also of what was forgotten meanwhile, which does no harm. */
  function take(one: Watched, sample: Sample, latencyMs: number): void {
    const before = one.state.condition
    one.state = afterSample(one.state, sample)
    one.checkedAt = clock()
    one.latencyMs = Math.round(latencyMs)
    const { condition } = one.state
    beat(one)
    if (condition !== before) {
      hear?.dependency(one, condition, latencyMs)
      one.since = one.checkedAt
      const fields = { check: one.kind, host: one.name, reason: one.reason }
      if (condition !== 'up') log.warn(fields, `a dependency is ${condition}`)
      else if (before !== 'pending') log.info(fields, 'a dependency is well again')
    }
    level.changed()
  }

  async function lookAt(one: Watched): Promise<void> {
    const began = performance.now()
    const sample = await one.look()
    const latencyMs = performance.now() - began
    if (sample?.outcome === 'success')
      take(one, { ...sample, isLate: sample.isLate || latencyMs > timeoutMs / 2 }, latencyMs)
    else if (sample !== undefined) take(one, sample, latencyMs)
    plan(one)
  }

  /** Soon where something is amiss; whatever is heard meanwhile puts the next look off. */
  function plan(one: Watched): void {
    clearTimeout(one.timer)
    if (!isRunning) return
    if (one.name !== '' && clock().getTime() - one.usedAt > forgottenAfterMs) {
      watched.delete(keyOf(one))
      return
    }
    const waitMs = isSuspect(one.state) ? Math.min(suspectMs, intervalMs) : intervalMs
    const look = () =>
      lookAt(one).catch((error: unknown) => {
        log.error({ err: error, check: one.kind }, 'a look at a dependency failed')
        plan(one)
      })
    one.timer = setTimeout(() => void look(), waitMs).unref()
  }

  async function lookAtDisk(): Promise<void> {
    diskFreeRatio = await settings.diskFreeRatio().catch(() => undefined)
    level.changed()
  }

  async function lookAtAll(): Promise<void> {
    await Promise.all([lookAtDisk(), ...[...watched.values()].map(lookAt)])
  }

  return {
    /** What a call of somebody told. A service that was not known is looked at from now on. */
    heard(service: Service, { sample, latencyMs, probe }: Heard): void {
      const one = watched.get(keyOf(service)) ?? watch(service, probe)
      one.usedAt = clock().getTime()
      take(one, sample, latencyMs)
      plan(one)
    },

    /** Just these of a kind are watched from now on, whether anybody calls them or not. */
    keep(kind: DependencyKind, services: readonly (Service & { readonly probe: Probe })[]): void {
      const kept = new Set(services.map(keyOf))
      for (const [key, one] of watched) {
        if (one.kind !== kind || one.name === '' || kept.has(key)) continue
        clearTimeout(one.timer)
        watched.delete(key)
      }
      for (const service of services) {
        const known = watched.get(keyOf(service))
        if (known === undefined) plan(watch(service, service.probe))
        else known.usedAt = clock().getTime()
      }
      level.changed()
    },

    status: (): SystemStatus => ({
      ...level.told(),
      dependencies: [...watched.values()].map(
        ({ kind, name, state, since, checkedAt, latencyMs }) => ({
          kind,
          name,
          condition: state.condition,
          since: since.toISOString(),
          checkedAt: checkedAt.toISOString(),
          latencyMs,
        }),
      ),
    }),

    heartbeats: (): HeartbeatsOf[] =>
      [...watched.values()].map(({ kind, name, beats }) => ({ kind, name, beats: [...beats] })),

    /** Of what the product asks by itself: how the newest look ended. */
    results: (): SelfCheck[] =>
      [...watched.values()]
        .filter(({ name }) => name === '')
        .map(({ kind, since, checkedAt, latencyMs, reason }) => ({
          name: kind,
          state: reason === undefined ? 'passed' : 'failed',
          since: since.toISOString(),
          checkedAt: checkedAt.toISOString(),
          durationMs: latencyMs,
          ...(reason === undefined ? {} : { reason }),
        })),

    /** What the first look found; it waits for that look. */
    async firstResults(): Promise<SelfCheck[]> {
      first ??= lookAtAll()
      await first
      return this.results()
    },

    lookAtAll,

    /** Begins now, and goes on until it is disposed of. */
    start(): Disposable {
      isRunning = true
      first ??= lookAtAll()
      const disk = setInterval(() => void lookAtDisk(), intervalMs).unref()
      return {
        [Symbol.dispose]() {
          isRunning = false
          clearInterval(disk)
          level[Symbol.dispose]()
          for (const { timer } of watched.values()) clearTimeout(timer)
        },
      }
    },
  }
}

export type Heard = {
  readonly sample: Sample
  readonly latencyMs: number
  readonly probe: Probe
}

function keyOf({ kind, name }: Service): string {
  return `${kind} ${name}`
}
