import type { Reason } from '../objection.ts'

/** Why the engine leaves a table called `schema_migrations` alone. */
export const ledgerReasons = {
  unknownTable: {
    code: 'drift',
    en: {
      because:
        'There is a table {object} that no known tool made (columns: {columns}). It was not touched.',
      remedy:
        'Rename that table, or keep our ledger elsewhere: --ledger-schema studioops_migrations',
    },
    he: {
      because: 'קיימת טבלה {object} שלא נוצרה בידי כלי מוכר (עמודות: {columns}). היא לא שונתה.',
      remedy:
        'שנו את שם הטבלה, או שמרו את היומן שלנו במקום אחר: ‎--ledger-schema studioops_migrations',
    },
  },
  newerLedger: {
    code: 'schema-newer',
    en: {
      because:
        'The ledger {object} was made by a later version of the engine (ledger {found}, this one knows {known}).',
      remedy: 'Start the version of the application that made it, or a later one.',
    },
    he: {
      because:
        'היומן {object} נוצר בידי גרסה מאוחרת יותר של המנוע (יומן {found}, גרסה זו מכירה {known}).',
      remedy: 'הפעילו את גרסת היישום שיצרה אותו, או גרסה מאוחרת ממנה.',
    },
  },
  highWaterMark: {
    code: 'drift',
    en: {
      because:
        '{object} is the table of golang-migrate: one number ({version}) that claims every file up to it. A number proves nothing about the files below it.',
      remedy:
        'Take it over with proof: migrate import --from golang-migrate. If that tool goes on working here: --ledger-schema studioops_migrations',
    },
    he: {
      because:
        '{object} היא הטבלה של golang-migrate: מספר אחד ({version}) שטוען שכל הקבצים עד אליו רצו. מספר אינו מוכיח דבר על הקבצים שלפניו.',
      remedy:
        'קחו אותה עם הוכחה: migrate import --from golang-migrate. אם הכלי ההוא ממשיך לעבוד כאן: ‎--ledger-schema studioops_migrations',
    },
  },
  dirtyMark: {
    code: 'drift',
    en: {
      because:
        '{object} is marked dirty at version {version}: golang-migrate does not know how much of that file took effect.',
      remedy: 'Let the doctor compare the database with the files: migrate doctor',
    },
    he: {
      because:
        '{object} מסומנת כ-dirty בגרסה {version}: ‏golang-migrate אינו יודע כמה מהקובץ הזה אכן בוצע.',
      remedy: 'בקשו מהבודק להשוות את מסד הנתונים לקבצים: migrate doctor',
    },
  },
  stillUsed: {
    code: 'drift',
    en: {
      because:
        '{object} belongs to {tool}, which would not find its table again if it were changed.',
      remedy: 'Keep our ledger elsewhere: --ledger-schema studioops_migrations',
    },
    he: {
      because: '{object} שייכת ל-{tool}, שלא ימצא את הטבלה שלו אם תשתנה.',
      remedy: 'שמרו את היומן שלנו במקום אחר: ‎--ledger-schema studioops_migrations',
    },
  },
} as const satisfies Record<string, Reason>
