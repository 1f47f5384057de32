import type { Layout } from './layout.ts'
import type { DowntimeEstimate } from './plan.ts'

type Facts = Readonly<Record<'tables' | 'seconds' | 'name' | 'dropped', string>>

/** What people do, beside what the engine does by itself. */
export function checklistOf(
  { spec, dropped }: Layout,
  { tables, seconds }: Pick<DowntimeEstimate, 'tables' | 'seconds'>,
): { en: string; he: string } {
  const facts: Facts = {
    name: spec.name,
    seconds: String(seconds),
    tables: tables.map(({ name }) => `\`${name}\``).join(', '),
    dropped: dropped.map((name) => `\`${name}\``).join(', ') || '–',
  }
  return { en: listOf(english(facts)), he: listOf(hebrew(facts)) }
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- [ ] ${line}\n`).join('')
}

function english({ tables, seconds, name, dropped }: Facts): string[] {
  return [
    'Rehearse it on development data, then on a copy of production: `--rehearse` does everything and takes it back.',
    'Read the SQL of the plan, and what `leave` of the spec gives up.',
    'Deploy a version of the application that can do without the old tables, or stop the old one.',
    `Announce the downtime: nobody can read or write ${tables} for about ${seconds} seconds.`,
    'Make sure of free space for the backups; a whole backup of the database is made first.',
    `Apply \`${name}\`, and note the two backup locations that it prints.`,
    `Look that ${dropped} are gone, that the application works, and that the counts are right.`,
    'Keep both backups until nobody wants to go back; the way back was tried before the commit.',
  ]
}

function hebrew({ tables, seconds, name, dropped }: Facts): string[] {
  return [
    'ערכו חזרה על נתוני פיתוח, ואז על עותק של הייצור: `--rehearse` מבצע הכול ומבטל.',
    'קראו את ה-SQL של התוכנית, ובדקו על מה מוותר `leave` שבמפרט.',
    'פרסו גרסה של היישום שאינה זקוקה לטבלאות הישנות, או עצרו את הישנה.',
    `הודיעו על ההשבתה: במשך כ-${seconds} שניות אי אפשר לקרוא או לכתוב אל ${tables}.`,
    'ודאו שיש מקום לגיבויים; תחילה נוצר גיבוי מלא של מסד הנתונים.',
    `הריצו את \`${name}\`, ורשמו את שני מיקומי הגיבוי שיודפסו.`,
    `בדקו שהטבלאות ${dropped} נעלמו, שהיישום פועל ושהמספרים נכונים.`,
    'שמרו את שני הגיבויים כל עוד ייתכן שתרצו לחזור; דרך החזרה נוסתה לפני ה-commit.',
  ]
}
