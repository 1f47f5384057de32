/** What alerts are judged by; undefined: nobody knows at this moment. */
export type AlertFacts = {
  /** 0 normal to 3 offline. */
  readonly level: number
  readonly requestsPerSecond: number
  /** 0 to 1, of all requests. */
  readonly errorRatio: number
  readonly p95Ms: number
  readonly oldestJobSeconds: number | undefined
  readonly unknownOperations: number | undefined
  /** 0 to 1. */
  readonly diskFreeRatio: number | undefined
  /** Events that were lost since the last look. */
  readonly eventsLost: number
}

type Words = { readonly summary: string; readonly action: string }

export type AlertRule = {
  readonly name: string
  readonly severity: 'warning' | 'critical'
  /** For so long it has to hold. */
  readonly forSeconds: number
  /** @returns undefined where the facts do not say */
  readonly holds: (facts: AlertFacts) => boolean | undefined
  /** The same for Prometheus. */
  readonly expression: string
  readonly en: Words
  readonly he: Words
}

const above = (value: number | undefined, limit: number) =>
  value === undefined ? undefined : value > limit
const below = (value: number | undefined, limit: number) =>
  value === undefined ? undefined : value < limit

/** With the database away nothing else is news. */
const reachable = (facts: AlertFacts) => facts.level < 3

const errorShare =
  'sum(rate(studioops_http_requests_total{http_response_status_code=~"5.."}[5m])) / sum(rate(studioops_http_requests_total[5m]))'
const rate = 'sum(rate(studioops_http_requests_total[5m]))'
const p95 =
  'histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))'

/** Judged here and by Prometheus alike (OBS-8); a dead database is one alert, not twelve. */
export const alertRules: readonly AlertRule[] = [
  {
    name: 'StudioOpsOffline',
    severity: 'critical',
    forSeconds: 30,
    holds: ({ level }) => level >= 3,
    expression: 'studioops_degradation_level >= 3',
    en: {
      summary: 'The database does not answer; nothing can be saved.',
      action: 'Look at PostgreSQL and the way to it; StudioOps comes back by itself.',
    },
    he: {
      summary: 'מסד הנתונים אינו עונה; אי אפשר לשמור.',
      action: 'יש לבדוק את PostgreSQL ואת הדרך אליו; StudioOps חוזר מעצמו.',
    },
  },
  {
    name: 'StudioOpsCritical',
    severity: 'critical',
    forSeconds: 60,
    holds: ({ level }) => level === 2,
    expression: 'studioops_degradation_level == 2',
    en: {
      summary: 'A whole part of the product has no way left: files, models or background work.',
      action: 'The operations room names what is down and since when.',
    },
    he: {
      summary: 'חלק שלם של המוצר אינו זמין: קבצים, מודלים או משימות רקע.',
      action: 'בחדר התפעול מופיע מה אינו פועל וממתי.',
    },
  },
  {
    name: 'StudioOpsDegraded',
    severity: 'warning',
    forSeconds: 900,
    holds: ({ level }) => level === 1,
    expression: 'studioops_degradation_level == 1',
    en: {
      summary: 'A service that people use has been down or slow for a quarter of an hour.',
      action: 'The operations room names it; people go on with what was read before.',
    },
    he: {
      summary: 'שירות שאנשים משתמשים בו אינו פועל או אטי כבר רבע שעה.',
      action: 'בחדר התפעול מופיע איזה; אנשים ממשיכים עם מה שנקרא קודם.',
    },
  },
  {
    name: 'StudioOpsErrorRate',
    severity: 'critical',
    forSeconds: 300,
    holds: (facts) => reachable(facts) && facts.requestsPerSecond >= 1 && facts.errorRatio > 0.05,
    expression: `${errorShare} > 0.05 and ${rate} >= 1 and on () studioops_degradation_level < 3`,
    en: {
      summary: 'More than one request in twenty ends with an error of ours.',
      action: 'The errors by kind in the operations room name the places.',
    },
    he: {
      summary: 'יותר מבקשה אחת מעשרים מסתיימת בשגיאה שלנו.',
      action: 'השגיאות לפי סוג בחדר התפעול מראות היכן.',
    },
  },
  {
    name: 'StudioOpsLatency',
    severity: 'warning',
    forSeconds: 600,
    holds: (facts) => reachable(facts) && facts.p95Ms > 1_000,
    expression: `${p95} > 1 and on () studioops_degradation_level < 3`,
    en: {
      summary: 'One request in twenty takes longer than a second.',
      action: 'Look at the delay of the event loop, the database and the waiting connections.',
    },
    he: {
      summary: 'בקשה אחת מעשרים נמשכת יותר משנייה.',
      action: 'יש לבדוק את עיכוב לולאת האירועים, את מסד הנתונים ואת החיבורים הממתינים.',
    },
  },
  {
    name: 'StudioOpsQueueAge',
    severity: 'warning',
    forSeconds: 300,
    holds: ({ oldestJobSeconds }) => above(oldestJobSeconds, 600),
    expression: 'studioops_job_oldest_age_seconds > 600',
    en: {
      summary: 'A background job has been due for more than ten minutes.',
      action: 'See whether a worker runs: studioops worker, and the page of background jobs.',
    },
    he: {
      summary: 'משימת רקע ממתינה יותר מעשר דקות אחרי זמנה.',
      action: 'יש לבדוק שפועל worker ולעיין בדף משימות הרקע.',
    },
  },
  {
    name: 'StudioOpsUnknownOperations',
    severity: 'warning',
    forSeconds: 900,
    holds: ({ unknownOperations }) => above(unknownOperations, 0),
    expression: 'studioops_outside_operations_unknown > 0',
    en: {
      summary: 'Of a write to the outside nobody knows whether it happened.',
      action: 'Its person is asked in the outbox; it is not sent again by itself.',
    },
    he: {
      summary: 'יש כתיבה החוצה שלא ידוע אם בוצעה.',
      action: 'בעליה נשאלים בתיבת היוצא; היא אינה נשלחת שוב מעצמה.',
    },
  },
  {
    name: 'StudioOpsDiskLow',
    severity: 'warning',
    forSeconds: 300,
    holds: ({ diskFreeRatio }) => below(diskFreeRatio, 0.1),
    expression: 'studioops_disk_free_ratio < 0.1',
    en: {
      summary: 'Less than a tenth of the disk of the data directory is free.',
      action: 'Make room, or move old backups elsewhere.',
    },
    he: {
      summary: 'פחות מעשירית מהדיסק של תיקיית הנתונים פנויה.',
      action: 'יש לפנות מקום, או להעביר גיבויים ישנים.',
    },
  },
  {
    name: 'StudioOpsTelemetryLost',
    severity: 'warning',
    forSeconds: 600,
    holds: ({ eventsLost }) => eventsLost > 0,
    expression: 'rate(studioops_events_dropped_total[5m]) > 0',
    en: {
      summary: 'Events of monitoring are lost, because they could not be stored.',
      action: 'The database is away or too slow for a second each time.',
    },
    he: {
      summary: 'אירועי ניטור הולכים לאיבוד כי לא ניתן לשמור אותם.',
      action: 'מסד הנתונים אינו זמין או אטי מדי.',
    },
  },
]
