import type { Readiness } from '@studioops/contracts/health'
import type { Language } from '@studioops/contracts/installation'

type Texts = {
  readonly starting: string
  readonly upgrading: string
  readonly stopped: string
  readonly stopping: string
  readonly away: string
  readonly kept: string
  readonly step: (position: number, total: number) => string
  readonly statement: (no: number, of: number | undefined) => string
  readonly waiting: (who: string) => string
  readonly backup: (place: string) => string
  readonly todo: string
}

const texts: Readonly<Record<Language, Texts>> = {
  en: {
    starting: 'StudioOps is starting',
    upgrading: 'StudioOps is upgrading its database',
    stopped: 'The upgrade of the database has stopped',
    stopping: 'StudioOps is stopping',
    away: 'The database is away',
    kept: 'Nothing that was saved is lost. This page goes on by itself.',
    step: (position, total) => `Step ${position} of ${total}`,
    statement: (no, of) => `statement ${no}${of === undefined ? '' : ` of ${of}`}`,
    waiting: (who) => `Waiting for ${who}`,
    backup: (place) => `Kept first, read back and verified: ${place}`,
    todo: 'What to do:',
  },
  he: {
    starting: 'StudioOps עולה',
    upgrading: 'StudioOps משדרגת את מסד הנתונים שלה',
    stopped: 'שדרוג מסד הנתונים נעצר',
    stopping: 'StudioOps נעצרת',
    away: 'מסד הנתונים אינו זמין',
    kept: 'דבר ממה שנשמר אינו אובד. הדף ימשיך מעצמו.',
    step: (position, total) => `שלב ${position} מתוך ${total}`,
    statement: (no, of) => `פקודה ${no}${of === undefined ? '' : ` מתוך ${of}`}`,
    waiting: (who) => `ממתין ל־${who}`,
    backup: (place) => `נשמר תחילה, נקרא חזרה ואומת: ${place}`,
    todo: 'מה לעשות:',
  },
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const safe = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '')

/** The page while nothing else can be served. It asks again by itself and needs no script. */
export function renderStartPage(readiness: Readiness, language: Language): string {
  const words = texts[language]
  const title = titleOf(readiness, words)
  const isStopped = readiness.reason === 'migration-failed'
  const dots = isStopped ? '' : '…'
  const direction = language === 'he' ? 'rtl' : 'ltr'
  return `<!doctype html><html lang="${language}" dir="${direction}"><meta charset="utf-8"><meta http-equiv="refresh" content="${isStopped ? 10 : 2}">
<meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{font:18px/1.6 system-ui;display:grid;place-content:center;min-height:90vh;text-align:center;max-width:44rem;margin:auto;padding:0 1rem}progress{width:100%;height:.6rem}bdi{overflow-wrap:anywhere}ul{text-align:start}</style>
<main><h1>${title}${dots}</h1>${progressOf(readiness, words)}${obstaclesOf(readiness, language)}${isMoving(readiness) ? `<p>${words.kept}</p>` : ''}</main></html>
`
}

function titleOf({ reason }: Readiness, words: Texts): string {
  switch (reason) {
    case 'migrating':
      return words.upgrading
    case 'migration-failed':
      return words.stopped
    case 'stopping':
      return words.stopping
    case 'database':
      return words.away
    case 'starting':
    case undefined:
      return words.starting
  }
}

const isMoving = ({ reason }: Readiness) => reason === 'migrating'

function progressOf({ migration }: Readiness, words: Texts): string {
  if (migration === undefined) return ''
  const { name, position, total, statement, statements, waitingFor, backup } = migration
  const steps = position !== undefined && total !== undefined
  const bar = steps
    ? `<progress max="${total}" value="${position - 1}" aria-label="${words.step(position, total)}"></progress>`
    : ''
  const parts = [
    ...(steps ? [words.step(position, total)] : []),
    ...(name === undefined ? [] : [`<bdi>${safe(name)}</bdi>`]),
    ...(statement === undefined ? [] : [words.statement(statement, statements)]),
  ]
  const line = parts.length === 0 ? '' : `<p>${parts.join(' · ')}</p>`
  const wait =
    waitingFor === undefined ? '' : `<p>${words.waiting(`<bdi>${safe(waitingFor)}</bdi>`)}</p>`
  const kept = backup === undefined ? '' : `<p>${words.backup(`<bdi>${safe(backup)}</bdi>`)}</p>`
  return `${bar}${line}${wait}${kept}`
}

function obstaclesOf({ obstacles = [] }: Readiness, language: Language): string {
  if (obstacles.length === 0) return ''
  const items = obstacles.map((obstacle) => {
    const { message, remedy } = obstacle[language]
    return `<li><bdi>${safe(message)}</bdi><br><strong>${texts[language].todo}</strong> <bdi>${safe(remedy)}</bdi></li>`
  })
  return `<ul>${items.join('')}</ul>`
}
