import type { Reason } from '../objection.ts'

/** What a repair leaves as it is, and why. */
export const repairReasons = {
  notAdoptable: {
    code: 'drift',
    en: {
      because: 'No migration could be written that gives what this database holds: {detail}',
      remedy: 'Write it by hand, or bring the database back: migrate repair --plan',
    },
    he: {
      because: 'לא ניתן היה לכתוב מיגרציה שנותנת את מה שיש במסד נתונים זה: {detail}',
      remedy: 'כתבו אותה ידנית, או השיבו את מסד הנתונים: migrate repair --plan',
    },
  },
  pendingFirst: {
    code: 'drift',
    en: {
      because: '{migration} has not run yet, and what is adopted has to come after it.',
      remedy: 'Apply what is pending first: migrate up',
    },
    he: {
      because: '{migration} עוד לא רץ, ומה שמאומץ צריך לבוא אחריו.',
      remedy: 'הריצו תחילה את מה שממתין: migrate up',
    },
  },
  leftNullable: {
    code: 'probe-failed',
    en: {
      because:
        '{object} comes without NOT NULL: there are rows for which nobody knows a value{key}.',
      remedy: 'Give those rows a value and repair again; this finds them: {query}',
    },
    he: {
      because: '{object} חוזר ללא NOT NULL: יש שורות שאיש אינו יודע את הערך שלהן{key}.',
      remedy: 'תנו לשורות אלה ערך ותקנו שוב; כך מוצאים אותן: {query}',
    },
  },
  notValid: {
    code: 'probe-failed',
    en: {
      because:
        '{object} comes as NOT VALID, for new rows only: there are rows that contradict it{key}.',
      remedy: 'Correct those rows and repair again; this finds them: {query}',
    },
    he: {
      because: '{object} חוזר כ-NOT VALID, לשורות חדשות בלבד: יש שורות שסותרות אותו{key}.',
      remedy: 'תקנו את השורות ותקנו שוב; כך מוצאים אותן: {query}',
    },
  },
  violated: {
    code: 'probe-failed',
    en: {
      because: '{object} cannot come back: there are rows that contradict it{key}.',
      remedy: 'Correct those rows and repair again; this finds them: {query}',
    },
    he: {
      because: '{object} אינו יכול לחזור: יש שורות שסותרות אותו{key}.',
      remedy: 'תקנו את השורות ותקנו שוב; כך מוצאים אותן: {query}',
    },
  },
  unknownRows: {
    code: 'probe-failed',
    en: {
      because:
        'Whether the rows allow {object} could not be found out in time, so it is left for later: {detail}',
      remedy: 'Repair again with more time for the questions, or run it by hand: {query}',
    },
    he: {
      because: 'לא ניתן היה לברר בזמן אם השורות מאפשרות את {object}, ולכן הוא נדחה: {detail}',
      remedy: 'תקנו שוב עם זמן רב יותר, או הריצו ידנית: {query}',
    },
  },
  losesValues: {
    code: 'destructive-unflagged',
    en: {
      because:
        '{object} cannot become {declared} again without losing values that are there now ({actual}).',
      remedy: 'Write a migration that says what becomes of those values; this finds them: {query}',
    },
    he: {
      because: '{object} אינו יכול לחזור להיות {declared} בלי לאבד ערכים קיימים ({actual}).',
      remedy: 'כתבו מיגרציה שקובעת מה יהיה על הערכים האלה; כך מוצאים אותם: {query}',
    },
  },
  losesData: {
    code: 'destructive-unflagged',
    en: {
      because: '{object} could only be made again from nothing, and its data would be lost.',
      remedy: 'Write a migration that keeps the data.',
    },
    he: {
      because: 'אפשר רק ליצור את {object} מחדש, והנתונים שבו היו אובדים.',
      remedy: 'כתבו מיגרציה ששומרת על הנתונים.',
    },
  },
  refused: {
    code: 'drift',
    en: {
      because: '{object} could not be brought back: {detail}',
      remedy: 'Write a migration that makes it what is declared.',
    },
    he: {
      because: 'לא ניתן היה להשיב את {object}: {detail}',
      remedy: 'כתבו מיגרציה שהופכת אותו למה שהוצהר.',
    },
  },
  rowsGone: {
    code: 'drift',
    en: {
      because: '{object} comes back empty; what it held is not in the migrations.',
      remedy: 'Restore its rows from a backup.',
    },
    he: {
      because: '{object} חוזר ריק; תוכנו אינו במיגרציות.',
      remedy: 'שחזרו את שורותיו מגיבוי.',
    },
  },
  valuesGone: {
    code: 'drift',
    en: {
      because:
        '{object} comes back with {filled} in the rows that are there; what they held is not in the migrations.',
      remedy: 'Restore the values from a backup if they are needed.',
    },
    he: {
      because: '{object} חוזר עם {filled} בשורות הקיימות; מה שהיה בהן אינו במיגרציות.',
      remedy: 'שחזרו את הערכים מגיבוי אם הם נחוצים.',
    },
  },
  otherRole: {
    code: 'drift',
    en: {
      because: '{object} is declared with rights for {roles}, which this server does not have.',
      remedy: 'create role {roles}',
    },
    he: {
      because: '{object} מוצהר עם הרשאות עבור {roles}, שאינו קיים בשרת זה.',
      remedy: 'create role {roles}',
    },
  },
  unfinished: {
    code: 'drift',
    en: {
      because:
        '{migration} ended in the middle, and what it has done so far would be taken for drift; nothing was repaired.',
      remedy: 'Finish it first: migrate up; or look at it: migrate doctor',
    },
    he: {
      because: '{migration} נקטעה באמצע, ומה שהספיקה לבצע היה נראה כסטייה; דבר לא תוקן.',
      remedy: 'סיימו אותה תחילה: migrate up; או בדקו: migrate doctor',
    },
  },
  busy: {
    code: 'blocked',
    en: {
      because: 'Somebody else migrates or repairs this database at this moment.',
      remedy: 'Wait until it is done: migrate status',
    },
    he: {
      because: 'מישהו אחר מבצע כעת מיגרציה או תיקון במסד נתונים זה.',
      remedy: 'המתינו עד שיסתיים: migrate status',
    },
  },
  stale: {
    code: 'drift',
    en: {
      because: 'The database has changed since this repair was planned; nothing was run.',
      remedy: 'Plan it again: migrate repair --plan',
    },
    he: {
      because: 'מסד הנתונים השתנה מאז שהתיקון תוכנן; דבר לא הורץ.',
      remedy: 'תכננו שוב: migrate repair --plan',
    },
  },
  otherResult: {
    code: 'drift',
    en: {
      because:
        'The repair left something else behind than it should ({detail}); it was rolled back.',
      remedy: 'Look at it: migrate doctor',
    },
    he: {
      because: 'התיקון הותיר משהו אחר ממה שתוכנן ({detail}); הוא בוטל.',
      remedy: 'בדקו: migrate doctor',
    },
  },
} as const satisfies Record<string, Reason>
