import type { Reason } from '../objection.ts'

/** What the policy of an environment, or the state of the target, has against a plan. */
export const engineReasons = {
  ownLedger: {
    code: 'unsupported-statement',
    en: {
      because:
        'Statement {statementNo} works on {object}, in which this engine keeps what has run and what has not.',
      remedy:
        'Remove the statement, or keep the ledger elsewhere from the beginning: --ledger-schema <schema>.',
    },
    he: {
      because: 'פקודה {statementNo} פועלת על {object}, שבה המנוע שומר מה רץ ומה לא.',
      remedy: 'הסירו את הפקודה, או שמרו את היומן במקום אחר מההתחלה: --ledger-schema <schema>.',
    },
  },
  noBackupDirectory: {
    code: 'backup-failed',
    en: {
      because: 'The database is to be backed up first, and no directory for backups is named.',
      remedy: 'Give backupDirectory; nothing was run.',
    },
    he: {
      because: 'יש לגבות תחילה את מסד הנתונים, ולא צוינה תיקייה לגיבויים.',
      remedy: 'ציינו backupDirectory; דבר לא הורץ.',
    },
  },
  notTried: {
    code: 'needs-server',
    en: {
      because: 'The plan could not be tried anywhere that is like this database: {detail}.',
      remedy:
        'Name a PostgreSQL of the same version in SHADOW_DATABASE_URL, or give --accept-unproven="<reason>".',
    },
    he: {
      because: 'לא היה היכן לנסות את התוכנית בתנאים כמו של מסד נתונים זה: {detail}.',
      remedy:
        'ציינו שרת PostgreSQL מאותה גרסה ב-SHADOW_DATABASE_URL, או תנו --accept-unproven="<reason>".',
    },
  },
  unlikeLive: {
    code: 'drift',
    en: {
      because:
        'The database holds what its migrations do not declare, and it could not be modelled: {detail}. What was tried may end otherwise here.',
      remedy: 'Look at it with: migrate drift. Or give --accept-unproven="<reason>".',
    },
    he: {
      because:
        'במסד הנתונים יש מה שהמיגרציות אינן מצהירות עליו, ולא ניתן היה לשחזר אותו: {detail}. מה שנוסה עלול להסתיים כאן אחרת.',
      remedy: 'בדקו בעזרת: migrate drift. או תנו --accept-unproven="<reason>".',
    },
  },
  changedMeanwhile: {
    code: 'drift',
    en: {
      because: 'Somebody changed the database while the plan was made: {detail}.',
      remedy: 'Start again; nothing has been run.',
    },
    he: {
      because: 'מישהו שינה את מסד הנתונים בזמן שהתוכנית נבנתה: {detail}.',
      remedy: 'התחילו שוב; דבר לא הורץ.',
    },
  },
  otherThanTried: {
    code: 'drift',
    en: {
      because:
        '{migration} left something else behind than it did when it was tried: {detail}. It was rolled back.',
      remedy:
        'Somebody else changes this database, or IF NOT EXISTS found another object. Compare with: migrate drift',
    },
    he: {
      because: '{migration} הותיר משהו אחר ממה שהותיר כשנוסה: {detail}. הוא בוטל.',
      remedy:
        'מישהו אחר משנה את מסד הנתונים, או ש-IF NOT EXISTS מצא אובייקט אחר. השוו בעזרת: migrate drift',
    },
  },
  doesNotCommute: {
    code: 'late-file-conflict',
    en: {
      because:
        '{migration} is older than migrations that have already run, and after them it does not give the schema of the declared order: {detail}.',
      remedy: 'Give {migration} a number after the newest completed migration, and adapt it.',
    },
    he: {
      because:
        '{migration} ישן ממיגרציות שכבר רצו, והרצתו אחריהן אינה נותנת את הסכמה של הסדר המוצהר: {detail}.',
      remedy: 'תנו ל-{migration} מספר שאחרי המיגרציה האחרונה שהושלמה, והתאימו אותו.',
    },
  },
  unflagged: {
    code: 'destructive-unflagged',
    en: {
      because: '{migration} destroys data, and does not say that it means to: {detail}.',
      remedy:
        'If it is meant, add the line `-- destructive: yes` to {migration}; what goes is then backed up first.',
    },
    he: {
      because: '{migration} מוחק נתונים, ואינו מצהיר שזו הכוונה: {detail}.',
      remedy:
        'אם זו הכוונה, הוסיפו את השורה `-- destructive: yes` לקובץ {migration}; אז מה שנמחק יגובה תחילה.',
    },
  },
  needsContract: {
    code: 'contract-phase',
    en: {
      because:
        '{migration} takes away what processes of the running version may still use: {detail}.',
      remedy:
        'First release a version that does not use it. Then add the line `-- phase: contract` to {migration}, and when no old process runs any more: migrate up --contract',
    },
    he: {
      because: '{migration} מסיר דברים שתהליכים של הגרסה שרצה אולי עדיין משתמשים בהם: {detail}.',
      remedy:
        'שחררו קודם גרסה שאינה משתמשת בהם. אז הוסיפו את השורה `-- phase: contract` לקובץ {migration}, וכאשר אף תהליך ישן אינו רץ עוד: migrate up --contract',
    },
  },
  notKept: {
    code: 'backup-failed',
    en: {
      because:
        'Statement {statementNo} of {migration} destroys {kind} {object}, which has rows, and there is no place to keep them.',
      remedy: 'Name a directory for backups: --backup-dir ./backups',
    },
    he: {
      because:
        'פקודה {statementNo} של {migration} מוחקת את {kind} {object}, שיש בו שורות, ואין היכן לשמור אותן.',
      remedy: 'ציינו תיקייה לגיבויים: ‎--backup-dir ./backups',
    },
  },
  claimsUnproven: {
    code: 'drift',
    en: {
      because:
        'Another tool says that these files have run, but the database does not hold what they make: {detail}.',
      remedy: 'Compare with: migrate drift. Or take the ledger over with: migrate import',
    },
    he: {
      because: 'כלי אחר טוען שהקבצים האלה רצו, אבל במסד הנתונים אין מה שהם יוצרים: {detail}.',
      remedy: 'השוו בעזרת: migrate drift. או קחו את היומן בעזרת: migrate import',
    },
  },
  contract: {
    code: 'contract-phase',
    en: {
      because:
        '{migration} waits: it takes away what the previous version of the application may still use. {detail}',
      remedy: 'When no old process runs any more: migrate up --contract',
    },
    he: {
      because:
        '{migration} ממתין: הוא מסיר דברים שהגרסה הקודמת של היישום אולי עדיין משתמשת בהם. {detail}',
      remedy: 'כאשר אף תהליך ישן אינו רץ עוד: migrate up --contract',
    },
  },
} as const satisfies Record<string, Reason>
