import type { Reason } from '../objection.ts'

/** Why files cannot become one. */
export const squashReasons = {
  unknownEnd: {
    code: 'file-missing',
    en: {
      because: '{object} is not among the files, so nothing can be squashed up to it.',
      remedy: 'Name one of the files: {known}.',
    },
    he: {
      because: '{object} אינו בין הקבצים, ולכן אי אפשר לכווץ עד אליו.',
      remedy: 'ציינו אחד מהקבצים: {known}.',
    },
  },
  noReplay: {
    code: 'drift',
    en: {
      because: '{migration} does not run on an empty database after the files before it: {detail}.',
      remedy: 'Correct the files, or squash up to the one before it.',
    },
    he: {
      because: '{migration} אינו רץ על מסד נתונים ריק אחרי הקבצים שלפניו: {detail}.',
      remedy: 'תקנו את הקבצים, או כווצו עד הקובץ שלפניו.',
    },
  },
  notMade: {
    code: 'inverse-unproven',
    en: {
      because: 'No SQL was found that makes this schema from nothing; what is left: {detail}.',
      remedy: 'Squash up to an earlier file, or write the file by hand with `-- replaces:`.',
    },
    he: {
      because: 'לא נמצא SQL שיוצר סכמה זו מאפס; מה שנותר: {detail}.',
      remedy: 'כווצו עד קובץ מוקדם יותר, או כתבו את הקובץ ידנית עם `-- replaces:`.',
    },
  },
  volatileRows: {
    code: 'inverse-unproven',
    en: {
      because:
        'The migrations put rows into {object} that come out otherwise each time (now(), random values); one file cannot hold them.',
      remedy:
        'Squash up to the file before those rows, or keep the statements that make them in a migration of their own.',
    },
    he: {
      because:
        'המיגרציות מכניסות ל-{object} שורות שיוצאות אחרת בכל פעם (now(), ערכים אקראיים); קובץ אחד אינו יכול להכיל אותן.',
      remedy: 'כווצו עד הקובץ שלפני שורות אלה, או השאירו את הפקודות שיוצרות אותן במיגרציה משלהן.',
    },
  },
  otherRows: {
    code: 'inverse-unproven',
    en: {
      because: 'The one file leaves other rows in {object} than the files that it stands for.',
      remedy: 'Squash up to the file before the rows of {object}.',
    },
    he: {
      because: 'הקובץ האחד משאיר ב-{object} שורות אחרות מאלה שהקבצים שבמקומם הוא בא משאירים.',
      remedy: 'כווצו עד הקובץ שלפני השורות של {object}.',
    },
  },
  tooManyRows: {
    code: 'unsupported-statement',
    en: {
      because: 'The migrations put {rows} rows into {object}; one file is no place for so many.',
      remedy: 'Squash up to the file before them.',
    },
    he: {
      because: 'המיגרציות מכניסות {rows} שורות ל-{object}; קובץ אחד אינו המקום לכל כך הרבה.',
      remedy: 'כווצו עד הקובץ שלפניהן.',
    },
  },
  inBetween: {
    code: 'file-missing',
    en: {
      because:
        '{migration} stands for files of which this database has run some, but not {object}; and that file is not here.',
      remedy:
        'Restore the files that {migration} replaces, let them run, and remove them afterwards.',
    },
    he: {
      because:
        '{migration} בא במקום קבצים שחלקם רצו במסד נתונים זה, אך לא {object}; והקובץ הזה אינו כאן.',
      remedy: 'שחזרו את הקבצים ש-{migration} מחליף, הריצו אותם, והסירו אותם לאחר מכן.',
    },
  },
} as const satisfies Record<string, Reason>
