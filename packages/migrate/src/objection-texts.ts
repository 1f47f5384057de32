/** What is wrong, and what to do about it: a command, a header line or SQL that can be pasted. */
export type Sentences = { readonly because: string; readonly remedy: string }

type Texts<Code extends string> = {
  readonly code: Code
  readonly en: Sentences
  readonly he: Sentences
}

function reason<const Code extends string>(
  code: Code,
  texts: { readonly en: Sentences; readonly he: Sentences },
): Texts<Code> {
  return { code, ...texts }
}

/**
 * The general reason of every code. The parts of the engine have more exact ones of their own with
 * the same codes; `{detail}` is where a caller says what it found.
 */
export const objectionReasons = {
  'unknown-reference': reason('unknown-reference', {
    en: {
      because: '{object} does not exist at this point. {detail}',
      remedy: 'Correct the name, or create {object} in an earlier migration.',
    },
    he: {
      because: '{object} אינו קיים בנקודה זו. {detail}',
      remedy: 'תקנו את השם, או צרו את {object} במיגרציה מוקדמת יותר.',
    },
  }),
  'order-conflict': reason('order-conflict', {
    en: {
      because: 'The declared order cannot work: {detail}',
      remedy: 'Add the line `-- after: {after}` to {migration}.',
    },
    he: {
      because: 'הסדר המוצהר אינו אפשרי: {detail}',
      remedy: 'הוסיפו את השורה `-- after: {after}` לקובץ {migration}.',
    },
  }),
  cycle: reason('cycle', {
    en: {
      because: 'These migrations wait for each other: {detail}',
      remedy: 'Remove one of the edges, or move the statement that makes it into a new migration.',
    },
    he: {
      because: 'המיגרציות האלה ממתינות זו לזו: {detail}',
      remedy: 'הסירו אחת מהתלויות, או העבירו את הפקודה שיוצרת אותה למיגרציה חדשה.',
    },
  }),
  'late-file-conflict': reason('late-file-conflict', {
    en: {
      because:
        '{migration} is older than migrations that have already run, and would not have given the same schema after them: {detail}',
      remedy: 'Give {migration} a number after the newest completed migration, and adapt it.',
    },
    he: {
      because: '{migration} ישן ממיגרציות שכבר רצו, והרצתו אחריהן לא תיתן אותה סכמה: {detail}',
      remedy: 'תנו ל-{migration} מספר שאחרי המיגרציה האחרונה שהושלמה, והתאימו אותו.',
    },
  }),
  'checksum-changed': reason('checksum-changed', {
    en: {
      because: '{migration} was changed after it had been applied. {detail}',
      remedy:
        'Restore the file and put the change into a new migration; if the edit is meant: migrate repair --accept-edit="<reason>"',
    },
    he: {
      because: '{migration} השתנה לאחר שכבר הורץ. {detail}',
      remedy:
        'שחזרו את הקובץ והכניסו את השינוי למיגרציה חדשה; אם העריכה מכוונת: migrate repair --accept-edit="<reason>"',
    },
  }),
  'file-missing': reason('file-missing', {
    en: {
      because: '{object} is not among the files. {detail}',
      remedy: 'Restore the file, or correct the name.',
    },
    he: {
      because: '{object} אינו נמצא בין הקבצים. {detail}',
      remedy: 'שחזרו את הקובץ, או תקנו את השם.',
    },
  }),
  unparsable: reason('unparsable', {
    en: { because: 'The file cannot be read: {detail}', remedy: 'Correct the file at this place.' },
    he: { because: 'אי אפשר לקרוא את הקובץ: {detail}', remedy: 'תקנו את הקובץ במקום זה.' },
  }),
  'unsupported-statement': reason('unsupported-statement', {
    en: {
      because: 'This statement has no place in a migration: {detail}',
      remedy: 'Remove it, or run it by hand outside the migrations.',
    },
    he: {
      because: 'לפקודה זו אין מקום במיגרציה: {detail}',
      remedy: 'הסירו אותה, או הריצו אותה ידנית מחוץ למיגרציות.',
    },
  }),
  'mixed-prefixes': reason('mixed-prefixes', {
    en: {
      because: 'The file names do not share one form of number: {detail}',
      remedy: 'Rename the files so that all of them look like {example}.',
    },
    he: {
      because: 'לשמות הקבצים אין צורת מספור אחת: {detail}',
      remedy: 'שנו את שמות הקבצים כך שכולם ייראו כמו {example}.',
    },
  }),
  'needs-server': reason('needs-server', {
    en: {
      because: 'The plan cannot be proven without a PostgreSQL server: {detail}',
      remedy: 'Set SHADOW_DATABASE_URL to a server of the same major version.',
    },
    he: {
      because: 'אי אפשר להוכיח את התוכנית ללא שרת PostgreSQL: {detail}',
      remedy: 'הגדירו את SHADOW_DATABASE_URL לשרת מאותה גרסה ראשית.',
    },
  }),
  drift: reason('drift', {
    en: {
      because: 'The live database is not what its migrations declare: {detail}',
      remedy: 'Look at the way back: migrate repair --plan',
    },
    he: {
      because: 'מסד הנתונים החי אינו תואם את המיגרציות: {detail}',
      remedy: 'בדקו את דרך התיקון: migrate repair --plan',
    },
  }),
  'probe-failed': reason('probe-failed', {
    en: {
      because: 'The data that is there contradicts this statement: {detail}',
      remedy: 'Correct the rows first; this finds them: {query}',
    },
    he: {
      because: 'הנתונים הקיימים סותרים את הפקודה: {detail}',
      remedy: 'תקנו קודם את השורות; כך מוצאים אותן: {query}',
    },
  }),
  'destructive-unflagged': reason('destructive-unflagged', {
    en: {
      because: 'This destroys data, and the file does not say that it means to: {detail}',
      remedy:
        'If it is meant, add the line `-- destructive: yes` to {migration}; a backup is then made.',
    },
    he: {
      because: 'הפקודה מוחקת נתונים, והקובץ אינו מצהיר שזו הכוונה: {detail}',
      remedy:
        'אם זו הכוונה, הוסיפו את השורה `-- destructive: yes` לקובץ {migration}; אז ייווצר גיבוי.',
    },
  }),
  'backup-failed': reason('backup-failed', {
    en: {
      because: 'What would be destroyed could not be backed up: {detail}',
      remedy: 'Remove the cause and start again; nothing was run.',
    },
    he: {
      because: 'לא ניתן היה לגבות את מה שעומד להימחק: {detail}',
      remedy: 'הסירו את הסיבה והתחילו שוב; דבר לא הורץ.',
    },
  }),
  'contract-phase': reason('contract-phase', {
    en: {
      because: '{migration} takes away what the previous version of the application may still use.',
      remedy: 'When no old process runs any more: migrate up --contract',
    },
    he: {
      because: '{migration} מסיר דברים שהגרסה הקודמת של היישום אולי עדיין משתמשת בהם.',
      remedy: 'כאשר אף תהליך ישן אינו רץ עוד: migrate up --contract',
    },
  }),
  'inverse-lossy': reason('inverse-lossy', {
    en: {
      because: 'Going back cannot restore everything: {detail}',
      remedy: 'Restore the backup of this migration, or write {migration}.down.sql.',
    },
    he: {
      because: 'החזרה לאחור אינה יכולה לשחזר הכול: {detail}',
      remedy: 'שחזרו את הגיבוי של מיגרציה זו, או כתבו {migration}.down.sql.',
    },
  }),
  'inverse-unproven': reason('inverse-unproven', {
    en: {
      because: 'No proven way back exists for {migration}: {detail}',
      remedy: 'Write {migration}.down.sql, or give --accept-unproven="<reason>".',
    },
    he: {
      because: 'אין דרך חזרה מוכחת עבור {migration}: {detail}',
      remedy: 'כתבו {migration}.down.sql, או תנו --accept-unproven="<reason>".',
    },
  }),
  pooler: reason('pooler', {
    en: {
      because: 'This connection goes through a pooler that shares sessions: {detail}',
      remedy: 'Give the address of the server itself: --url or DATABASE_DIRECT_URL',
    },
    he: {
      because: 'החיבור עובר דרך מתווך שמשתף חיבורים: {detail}',
      remedy: 'תנו את הכתובת של השרת עצמו: --url או DATABASE_DIRECT_URL',
    },
  }),
  'schema-newer': reason('schema-newer', {
    en: {
      because: 'The database was upgraded by a newer version of the application: {detail}',
      remedy: 'Start that version, or go back with it: migrate down --to {newest}',
    },
    he: {
      because: 'מסד הנתונים שודרג על ידי גרסה חדשה יותר של היישום: {detail}',
      remedy: 'הפעילו את הגרסה ההיא, או חזרו בעזרתה: migrate down --to {newest}',
    },
  }),
  'missing-right': reason('missing-right', {
    en: {
      because: 'The role of this connection may not do this: {detail}',
      remedy: 'As the owner of the database: {grant}',
    },
    he: {
      because: 'לתפקיד של חיבור זה אין הרשאה לכך: {detail}',
      remedy: 'כבעלים של מסד הנתונים: {grant}',
    },
  }),
  'no-space': reason('no-space', {
    en: {
      because: 'There may not be enough space for this: {detail}',
      remedy: 'Free space, or name another place with --backup-dir.',
    },
    he: {
      because: 'ייתכן שאין די מקום: {detail}',
      remedy: 'פנו מקום, או ציינו מקום אחר באמצעות ‎--backup-dir.',
    },
  }),
  blocked: reason('blocked', {
    en: {
      because: 'Somebody else holds what this statement needs: {detail}',
      remedy: 'Wait, or end the session that blocks: select pg_terminate_backend({pid})',
    },
    he: {
      because: 'מישהו אחר מחזיק את מה שהפקודה צריכה: {detail}',
      remedy: 'המתינו, או סיימו את החיבור החוסם: select pg_terminate_backend({pid})',
    },
  }),
} as const
