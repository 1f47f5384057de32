import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client'

/** Few, since each stands once a route: with those of the conventions all routes would pass 5,000 series. */
const secondsOfRequests = [0.01, 0.05, 0.1, 0.5, 1, 5]
const secondsOfCalls = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const secondsOfQueries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
const secondsOfModels = Array.from({ length: 14 }, (_, index) => 0.01 * 2 ** index)
const secondsOfTools = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]
const tokens = Array.from({ length: 14 }, (_, index) => 4 ** index)

/** What stands for values beyond the bound of a family. */
export const otherLabel = '_OTHER'

/**
 * Children of one family by their labels. Looking one up in the library is most of what counting
 * costs, so each is looked up once; beyond the bound all new ones are one (M-04).
 */
function childrenOf<C>(family: { labels(...values: string[]): C }, width: number, most: number) {
  const children = new Map<string, C>()
  return (...values: readonly string[]): C => {
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\n')
    const known = children.get(key)
    if (known !== undefined) return known
    if (children.size >= most) {
      const others = Array.from({ length: width }, () => otherLabel)
      const otherKey = others.join('\n')
      const other = children.get(otherKey) ?? family.labels(...others)
      children.set(otherKey, other)
      return other
    }
    const made = family.labels(...values)
    children.set(key, made)
    return made
  }
}

type Tally = { inc(count?: number): void; settle(): void }

/** Counts in a plain number, which the library gets when somebody asks: each of its own costs more. */
function createTally(child: { inc(count: number): void }): Tally {
  let waiting = 0
  return {
    inc(count = 1) {
      waiting += count
    },
    settle() {
      if (waiting === 0) return
      child.inc(waiting)
      waiting = 0
    },
  }
}

type Options = {
  readonly version: string
  /** Also what the process itself tells: memory, garbage collection, the event loop. Once a process. */
  readonly hasProcess: boolean
}

/** Every metric of the product, bounded whatever people do. */
export function createMetrics({ version, hasProcess }: Options) {
  const registry = new Registry()
  if (hasProcess) {
    collectDefaultMetrics({ register: registry })
    // Gauges with the name of a counter, at which `promtool check metrics` balks.
    for (const name of ['handles', 'requests', 'resources'])
      registry.removeSingleMetric(`nodejs_active_${name}_total`)
  }
  const own = { registers: [registry] }
  const tallies: Tally[] = []

  function counter<L extends string>(
    name: string,
    help: string,
    labels: Pick<CounterConfiguration<L>, 'labelNames'> & { most?: number },
  ) {
    const { labelNames = [], most = 200 } = labels
    const family = new Counter({ name, help, labelNames, ...own })
    const tallied = {
      labels(...values: string[]) {
        const tally = createTally(family.labels(...values))
        tallies.push(tally)
        return tally
      },
    }
    return childrenOf(tallied, labelNames.length, most)
  }

  function gauge<L extends string>(
    name: string,
    help: string,
    { labelNames = [] }: Pick<GaugeConfiguration<L>, 'labelNames'> = {},
  ) {
    const family = new Gauge({ name, help, labelNames, ...own })
    return childrenOf(family, labelNames.length, 200)
  }

  function histogram<L extends string>(
    name: string,
    help: string,
    shape: Pick<HistogramConfiguration<L>, 'labelNames' | 'buckets'> & { most?: number },
  ) {
    const { labelNames = [], buckets = secondsOfCalls, most = 16 } = shape
    const family = new Histogram({ name, help, labelNames, buckets, ...own })
    return childrenOf(family, labelNames.length, most)
  }

  const genAi = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const
  const families = {
    requestSeconds: histogram(
      'http_server_request_duration_seconds',
      'Time until the answer of a request, without streams.',
      { labelNames: ['http_request_method', 'http_route'], buckets: secondsOfRequests, most: 280 },
    ),
    requestsActive: gauge('http_server_active_requests', 'Requests that are being answered.'),
    requests: counter('studioops_http_requests_total', 'Requests by how they were answered.', {
      labelNames: ['http_route', 'http_response_status_code', 'error_type'],
      most: 480,
    }),
    callSeconds: histogram(
      'http_client_request_duration_seconds',
      'Time until the answer of a call to the outside.',
      { labelNames: ['server_address', 'http_request_method', 'error_type'], most: 16 },
    ),
    querySeconds: histogram(
      'db_client_operation_duration_seconds',
      'Time until the answer of a statement.',
      {
        labelNames: ['db_system_name', 'db_operation_name', 'error_type'],
        buckets: secondsOfQueries,
        most: 16,
      },
    ),
    queries: counter('studioops_db_operations_total', 'Statements by table.', {
      labelNames: ['db_operation_name', 'db_collection_name'],
      most: 150,
    }),
    poolConnections: gauge('db_client_connection_count', 'Connections of a pool by state.', {
      labelNames: ['db_client_connection_pool_name', 'db_client_connection_state'],
    }),
    poolMax: gauge('db_client_connection_max', 'Connections that a pool may have.', {
      labelNames: ['db_client_connection_pool_name'],
    }),
    poolWaiting: gauge('db_client_connection_pending_requests', 'Waiting for a connection.', {
      labelNames: ['db_client_connection_pool_name'],
    }),
    poolWaitSeconds: histogram(
      'db_client_connection_wait_time_seconds',
      'Time until a connection of the pool was free.',
      {
        labelNames: ['db_client_connection_pool_name'],
        buckets: secondsOfQueries,
      },
    ),
    poolTimeouts: counter('db_client_connection_timeouts_total', 'Waits that were given up.', {
      labelNames: ['db_client_connection_pool_name'],
    }),
    modelSeconds: histogram('gen_ai_client_operation_duration_seconds', 'Attempts at a model.', {
      labelNames: [...genAi, 'error_type'],
      buckets: secondsOfModels,
      most: 14,
    }),
    modelFirstSeconds: histogram(
      'gen_ai_client_operation_time_to_first_chunk_seconds',
      'Time until the first words of a model.',
      { labelNames: genAi, buckets: secondsOfModels, most: 7 },
    ),
    modelTokens: histogram('gen_ai_client_token_usage', 'Tokens of an attempt.', {
      labelNames: [...genAi, 'gen_ai_token_type'],
      buckets: tokens,
      most: 12,
    }),
    toolSeconds: histogram('mcp_client_operation_duration_seconds', 'Calls of tools.', {
      labelNames: ['mcp_method_name', 'gen_ai_tool_name', 'error_type'],
      buckets: secondsOfTools,
      most: 14,
    }),
    build: gauge('studioops_build_info', 'The version that runs.', { labelNames: ['version'] }),
    level: gauge('studioops_degradation_level', '0 normal, 1 degraded, 2 critical, 3 offline.'),
    dependencyUp: gauge('studioops_dependency_up', '1 where the worst of a kind answers.', {
      labelNames: ['dependency'],
    }),
    dependencySlow: gauge('studioops_dependency_slow', '1 where one of a kind is slow.', {
      labelNames: ['dependency'],
    }),
    retries: counter('studioops_retries_total', 'Repeated calls to the outside.', {
      labelNames: ['dependency', 'outcome'],
      most: 40,
    }),
    unknownOperations: gauge(
      'studioops_outside_operations_unknown',
      'Writes to the outside of which nobody knows whether they happened.',
    ),
    jobs: counter('studioops_jobs_total', 'Attempts at background jobs.', {
      labelNames: ['queue', 'outcome'],
      most: 80,
    }),
    jobSeconds: histogram('studioops_job_duration_seconds', 'Time of an attempt at a job.', {
      labelNames: ['queue'],
      buckets: secondsOfTools,
      most: 14,
    }),
    jobsQueued: gauge('studioops_jobs_queued', 'Jobs that wait, those for later among them.'),
    jobOldestSeconds: gauge(
      'studioops_job_oldest_age_seconds',
      'Since when the oldest job is due.',
    ),
    streams: gauge('studioops_streams_active', 'Readers of running answers.'),
    fallbacks: counter('studioops_llm_fallbacks_total', 'Attempts that another model took over.', {
      labelNames: ['gen_ai_provider_name', 'reason'],
      most: 60,
    }),
    cost: counter(
      'studioops_llm_cost_usd_total',
      'Cost of models, by the prices that are set.',
      {},
    ),
    sockets: gauge('studioops_websocket_clients', 'Open sockets.', { labelNames: ['endpoint'] }),
    events: counter('studioops_events_total', 'Operations that events stand for.', {
      labelNames: ['type', 'outcome'],
    }),
    eventsDropped: counter(
      'studioops_events_dropped_total',
      'Events that could not be stored.',
      {},
    ),
    logins: counter('studioops_logins_total', 'Tries to sign in.', { labelNames: ['outcome'] }),
    diskFree: gauge('studioops_disk_free_ratio', 'Free part of the disk, 0 to 1.', {
      labelNames: ['place'],
    }),
    backupAt: gauge(
      'studioops_backup_last_success_timestamp_seconds',
      'When the newest whole backup was made.',
    ),
  }
  families.build(version).set(1)
  families.requestsActive().set(0)

  let rendered: { readonly at: number; readonly text: Promise<string> } | undefined
  return {
    ...families,
    /** In Prometheus' text format 0.0.4; collected once a second at most. */
    async text(): Promise<string> {
      const now = performance.now()
      if (rendered === undefined || now - rendered.at > 1_000) {
        for (const tally of tallies) tally.settle()
        rendered = { at: now, text: registry.metrics() }
      }
      return rendered.text
    },
    contentType: registry.contentType,
    [Symbol.dispose]: () => registry.clear(),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
