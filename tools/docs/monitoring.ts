import type { AlertRule } from '../../apps/server/src/features/monitoring/monitoring.alert-rules.ts'

const head = `# Written by npm run docs from apps/server/src/features/monitoring/monitoring.alert-rules.ts.
# For rule_files of Prometheus; the same rules are judged by the product itself.
`

/** Rules of Prometheus: what is judged inside, and what only somebody outside can notice. */
export function renderAlertRules(rules: readonly AlertRule[]): string {
  const all = [
    ...rules.map(({ name, severity, forSeconds, expression, en, he }) =>
      renderRule({ name, severity, forSeconds, expression, en, he }),
    ),
    renderRule({
      name: 'StudioOpsDown',
      severity: 'critical',
      forSeconds: 60,
      expression: 'absent(studioops_build_info)',
      en: {
        summary: 'Nobody gives the metrics of StudioOps.',
        action: 'See whether it runs, and whether Prometheus may read /metrics.',
      },
      he: {
        summary: 'אין מי שמספק את המדדים של StudioOps.',
        action: 'יש לבדוק שהוא פועל, וש־Prometheus רשאי לקרוא את ‎/metrics.',
      },
    }),
    renderRule({
      name: 'StudioOpsDeadMansSwitch',
      severity: 'warning',
      forSeconds: 0,
      expression: 'vector(1)',
      en: {
        summary: 'Fires always: its silence says that alerts do not arrive.',
        action: 'Send it to somebody who raises the alarm when it stops.',
      },
      he: {
        summary: 'פועלת תמיד: שתיקתה אומרת שהתראות אינן מגיעות.',
        action: 'יש לשלוח אותה למי שמתריע כשהיא נפסקת.',
      },
    }),
  ]
  return `${head}groups:\n  - name: studioops\n    rules:\n${all.join('')}`
}

type Rule = Omit<AlertRule, 'holds'>

function renderRule({ name, severity, forSeconds, expression, en, he }: Rule): string {
  const annotations = {
    summary: en.summary,
    action: en.action,
    summary_he: he.summary,
    action_he: he.action,
  }
  return [
    `      - alert: ${name}`,
    `        expr: ${JSON.stringify(expression)}`,
    `        for: ${forSeconds}s`,
    '        labels:',
    `          severity: ${severity}`,
    '        annotations:',
    ...Object.entries(annotations).map(
      ([key, text]) => `          ${key}: ${JSON.stringify(text)}`,
    ),
    '',
  ].join('\n')
}

type Panel = { readonly title: string; readonly unit: string; readonly lines: readonly Line[] }
type Line = { readonly legend: string; readonly expression: string }

const perSecond = (metric: string, by: string) => `sum by (${by}) (rate(${metric}[5m]))`
const percentile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))`

const panels: readonly Panel[] = [
  {
    title: 'Level',
    unit: 'none',
    lines: [{ legend: 'level', expression: 'studioops_degradation_level' }],
  },
  {
    title: 'Dependencies that answer',
    unit: 'none',
    lines: [{ legend: '{{dependency}}', expression: 'studioops_dependency_up' }],
  },
  {
    title: 'Requests by status',
    unit: 'reqps',
    lines: [
      {
        legend: '{{http_response_status_code}}',
        expression: perSecond('studioops_http_requests_total', 'http_response_status_code'),
      },
    ],
  },
  {
    title: 'Time until the answer',
    unit: 's',
    lines: [0.5, 0.95, 0.99].map((share) => ({
      legend: `p${share * 100}`,
      expression: percentile(share),
    })),
  },
  {
    title: 'Calls to the outside by host',
    unit: 'reqps',
    lines: [
      {
        legend: '{{server_address}} {{error_type}}',
        expression: perSecond(
          'http_client_request_duration_seconds_count',
          'server_address, error_type',
        ),
      },
    ],
  },
  {
    title: 'Statements',
    unit: 'ops',
    lines: [
      {
        legend: '{{db_operation_name}}',
        expression: perSecond('studioops_db_operations_total', 'db_operation_name'),
      },
    ],
  },
  {
    title: 'Connections of the database',
    unit: 'none',
    lines: [
      {
        legend: '{{db_client_connection_pool_name}} {{db_client_connection_state}}',
        expression: 'db_client_connection_count',
      },
      {
        legend: '{{db_client_connection_pool_name}} waiting',
        expression: 'db_client_connection_pending_requests',
      },
    ],
  },
  {
    title: 'Jobs',
    unit: 'ops',
    lines: [
      {
        legend: '{{queue}} {{outcome}}',
        expression: perSecond('studioops_jobs_total', 'queue, outcome'),
      },
    ],
  },
  {
    title: 'Oldest job that is due',
    unit: 's',
    lines: [{ legend: 'age', expression: 'studioops_job_oldest_age_seconds' }],
  },
  {
    title: 'Delay of the event loop',
    unit: 's',
    lines: [{ legend: 'p99', expression: 'nodejs_eventloop_lag_p99_seconds' }],
  },
  {
    title: 'Memory',
    unit: 'bytes',
    lines: [{ legend: 'process', expression: 'process_resident_memory_bytes' }],
  },
  {
    title: 'Tokens by model',
    unit: 'none',
    lines: [
      {
        legend: '{{gen_ai_request_model}} {{gen_ai_token_type}}',
        expression: perSecond(
          'gen_ai_client_token_usage_sum',
          'gen_ai_request_model, gen_ai_token_type',
        ),
      },
    ],
  },
  {
    title: 'Cost of models a day',
    unit: 'currencyUSD',
    lines: [{ legend: 'USD', expression: 'increase(studioops_llm_cost_usd_total[24h])' }],
  },
]

const datasource = { type: 'prometheus', uid: '${datasource}' }
const columns = 3
const size = { w: 8, h: 7 }

/** A dashboard that Grafana imports as it is; the data source is chosen there. */
export function renderGrafana(): unknown {
  return {
    title: 'StudioOps',
    uid: 'studioops',
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
    panels: panels.map(({ title, unit, lines }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      datasource,
      fieldConfig: { defaults: { unit }, overrides: [] },
      gridPos: { ...size, x: (index % columns) * size.w, y: Math.floor(index / columns) * size.h },
      targets: lines.map(({ legend, expression }, at) => ({
        refId: String.fromCharCode(65 + at),
        datasource,
        expr: expression,
        legendFormat: legend,
      })),
    })),
  }
}
