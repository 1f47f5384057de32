import type { Words } from '../config/variables.ts'

/** What `studioops start` looks at before it serves; what is found follows each sentence. */
export const serveTexts = {
  node: { en: '  Node ', he: '  Node ' },
  settings: { en: '  Settings are right: ', he: '  ההגדרות תקינות: ' },
  database: { en: '  Database: ', he: '  מסד נתונים: ' },
  modelFiles: {
    en: '  Files of the company model: right, or none',
    he: '  קובצי המודל הארגוני: תקינים, או שאין',
  },
  modelProblems: {
    en: '  The company model cannot be used; everything else works:',
    he: '  אי אפשר להשתמש במודל הארגוני; כל השאר עובד:',
  },
} as const satisfies Record<string, Words>

export const serveHelp: Words = {
  en: `Usage: studioops start|serve|web [--env development|production] [--demo] [--lang en|he]

  start  look at Node, settings, database and the files of the company model, bring the schema up
         to date, serve, and say what is well
  serve  the same without looking first: pages, background jobs and the outbox in one process
  web    pages only; studioops worker does the rest, here or on other machines

--demo opens the demo workspace where the data directory is new. Ends by SIGTERM or Ctrl-C.
Exit codes: 0 stopped, 1 it could not serve, 2 a setting is wrong, 3 the command was not understood.
`,
  he: `שימוש: studioops start|serve|web [--env development|production] [--demo] [--lang en|he]

  start  בודק את Node, ההגדרות, מסד הנתונים וקובצי המודל הארגוני, מעדכן את הסכמה,
         מגיש ומדווח מה תקין
  serve  אותו הדבר בלי הבדיקות שלפני: דפים, משימות רקע ותיבת היציאה בתהליך אחד
  web    דפים בלבד; את השאר עושה studioops worker, כאן או במכונות אחרות

האפשרות --demo פותחת את סביבת ההדגמה כשתיקיית הנתונים חדשה. הסיום ב־SIGTERM או ב־Ctrl-C.
קודי יציאה: 0 נעצר, 1 לא ניתן היה להגיש, 2 הגדרה שגויה, 3 הפקודה לא הובנה.
`,
}
