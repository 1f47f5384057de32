import type { Reason } from '../objection.ts'

/** What stands against a single statement. */
export const analyseReasons = {
  foreign: {
    code: 'unsupported-statement',
    en: {
      because: '{kind} concerns the server or its disk, not the schema of an application.',
      remedy: 'Let whoever runs the server do it, and remove the statement.',
    },
    he: {
      because: '{kind} נוגע לשרת או לדיסק שלו, לא לסכמה של יישום.',
      remedy: 'בקשו ממי שמפעיל את השרת לעשות זאת, והסירו את הפקודה.',
    },
  },
  notAlone: {
    code: 'unsupported-statement',
    en: {
      because:
        '`tx: none` stands in the header, but statement {statementNo} belongs in a transaction.',
      remedy:
        'Remove the line `-- tx: none`; statements that need it run alone without being told.',
    },
    he: {
      because: 'בכותרת כתוב `tx: none`, אך פקודה {statementNo} צריכה לרוץ בטרנזקציה.',
      remedy: 'הסירו את השורה `-- tx: none`; פקודות שצריכות זאת רצות לבדן גם בלי לומר.',
    },
  },
} as const satisfies Record<string, Reason>
