import type { Reason } from '../objection.ts'

/** What keeps the ledger of another tool from being taken over, and what its reader has to know. */
export const importReasons = {
  noLedger: {
    code: 'drift',
    en: {
      because: 'No ledger of {tool} was found in this database.',
      remedy: 'Check the address of the database, or name the tool: migrate import --from <tool>',
    },
    he: {
      because: 'לא נמצא במסד הנתונים יומן של {tool}.',
      remedy: 'בדקו את הכתובת של מסד הנתונים, או ציינו את הכלי: migrate import --from <tool>',
    },
  },
  codeOnly: {
    code: 'unsupported-statement',
    en: {
      because: 'The migrations of {tool} are programs, so nothing can be replayed.',
      remedy:
        'Write what they do as SQL files under the same names; what runs in the shadow can be compared.',
    },
    he: {
      because: 'המיגרציות של {tool} הן תוכניות, ולכן אי אפשר להריץ אותן בצל.',
      remedy: 'כתבו את מה שהן עושות כקובצי SQL באותם שמות; מה שרץ בצל ניתן להשוואה.',
    },
  },
  noFile: {
    code: 'file-missing',
    en: {
      because: '{tool} has applied {object}, and there is no such file.',
      remedy: 'Restore the file from version control; without it nothing can be proven.',
    },
    he: {
      because: '{tool} הריץ את {object}, ואין קובץ כזה.',
      remedy: 'שחזרו את הקובץ מניהול הגרסאות; בלעדיו אי אפשר להוכיח דבר.',
    },
  },
  notEqual: {
    code: 'drift',
    en: {
      because:
        'What {tool} claims as applied gives another schema than the one that is here: {detail}.',
      remedy: 'Nothing was written. Look at the difference: migrate doctor',
    },
    he: {
      because: 'מה ש-{tool} טוען שהורץ נותן סכמה אחרת מזו שקיימת: {detail}.',
      remedy: 'דבר לא נכתב. בדקו את ההבדל: migrate doctor',
    },
  },
  halfApplied: {
    code: 'drift',
    en: {
      because:
        '{migration} was begun by {tool}: statements 1 to {done} of {total} have taken effect.',
      remedy:
        'Finish it by hand from statement {next}, or undo what is there; then import again. Nothing was written.',
    },
    he: {
      because: '{tool} התחיל את {migration}: פקודות 1 עד {done} מתוך {total} בוצעו.',
      remedy: 'השלימו אותו ידנית מפקודה {next}, או בטלו את מה שבוצע; ואז ייבאו שוב. דבר לא נכתב.',
    },
  },
  edited: {
    code: 'checksum-changed',
    en: {
      because:
        '{migration} was changed after {tool} had applied it, and as it is now it gives another schema.',
      remedy: 'Restore the file as it was applied, and put the change into a new migration.',
    },
    he: {
      because: '{migration} השתנה לאחר ש-{tool} הריץ אותו, וכפי שהוא עכשיו הוא נותן סכמה אחרת.',
      remedy: 'שחזרו את הקובץ כפי שהורץ, והכניסו את השינוי למיגרציה חדשה.',
    },
  },
  noReplay: {
    code: 'drift',
    en: {
      because: 'What {tool} claims as applied does not run in that order: {detail}.',
      remedy: 'Check whether files are missing or were changed; nothing was written.',
    },
    he: {
      because: 'מה ש-{tool} טוען שהורץ אינו רץ בסדר הזה: {detail}.',
      remedy: 'בדקו אם חסרים קבצים או שהשתנו; דבר לא נכתב.',
    },
  },
  busy: {
    code: 'blocked',
    en: {
      because: '{tool} is working on this database at the moment: it holds its lock.',
      remedy: 'Wait until it has finished, and start again.',
    },
    he: {
      because: '{tool} עובד כעת על מסד הנתונים: הוא מחזיק בנעילה שלו.',
      remedy: 'המתינו עד שיסיים, והתחילו שוב.',
    },
  },
  editedButEqual: {
    code: 'checksum-changed',
    en: {
      because: '{migration} was changed after {tool} had applied it; it still gives this schema.',
      remedy: 'Nothing has to be done; the file as it is now is what counts from here on.',
    },
    he: {
      because: '{migration} השתנה לאחר ש-{tool} הריץ אותו; הוא עדיין נותן את הסכמה הזאת.',
      remedy: 'אין צורך לעשות דבר; מכאן ואילך קובע הקובץ כפי שהוא עכשיו.',
    },
  },
  skipped: {
    code: 'late-file-conflict',
    en: {
      because: '{migration} is older than what {tool} has applied, and was skipped without a word.',
      remedy: 'It is pending now: migrate plan says whether it can still run.',
    },
    he: {
      because: '{migration} ישן ממה ש-{tool} הריץ, ודולג בלי לומר דבר.',
      remedy: 'כעת הוא ממתין: migrate plan יאמר אם עוד אפשר להריץ אותו.',
    },
  },
  failedNot: {
    code: 'drift',
    en: {
      because: '{tool} calls {migration} failed, and nothing of it is in the database.',
      remedy: 'It is pending now and will run again.',
    },
    he: {
      because: '{tool} רשם את {migration} ככושל, ודבר ממנו אינו במסד הנתונים.',
      remedy: 'כעת הוא ממתין וירוץ שוב.',
    },
  },
  failedDone: {
    code: 'drift',
    en: {
      because: '{tool} calls {migration} failed, but all of it is in the database.',
      remedy: 'It is taken over as applied.',
    },
    he: {
      because: '{tool} רשם את {migration} ככושל, אבל כולו במסד הנתונים.',
      remedy: 'הוא נלקח כמבוצע.',
    },
  },
  extra: {
    code: 'drift',
    en: {
      because: '{object} is in the database, and no file makes it.',
      remedy: 'Nothing has to be done: what is not declared is left alone.',
    },
    he: {
      because: '{object} נמצא במסד הנתונים, ואין קובץ שיוצר אותו.',
      remedy: 'אין צורך לעשות דבר: במה שאינו מוצהר לא נוגעים.',
    },
  },
} as const satisfies Record<string, Reason>
