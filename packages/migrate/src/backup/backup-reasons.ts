import type { Reason } from '../objection.ts'

/** Why something could not be kept, or not be brought back. */
export const backupReasons = {
  noSpace: {
    code: 'no-space',
    en: {
      because:
        'A backup of what is there may need {needed} MiB, and {place} has {free} MiB left. Nothing was run.',
      remedy: 'Free space, or name another place with --backup-dir.',
    },
    he: {
      because:
        'גיבוי של מה שקיים עשוי לדרוש {needed} MiB, וב-{place} נותרו {free} MiB. דבר לא הורץ.',
      remedy: 'פנו מקום, או ציינו מקום אחר באמצעות ‎--backup-dir.',
    },
  },
  full: {
    code: 'no-space',
    en: {
      because:
        'The disk of {place} became full while the backup was written; what was written is removed.',
      remedy: 'Free space, or name another place with --backup-dir.',
    },
    he: {
      because: 'הדיסק של {place} התמלא בזמן כתיבת הגיבוי; מה שנכתב הוסר.',
      remedy: 'פנו מקום, או ציינו מקום אחר באמצעות ‎--backup-dir.',
    },
  },
  unwritable: {
    code: 'backup-failed',
    en: {
      because: 'The backup could not be written to {place}: {detail}',
      remedy: 'Let the user of this process write there, or name another place with --backup-dir.',
    },
    he: {
      because: 'לא ניתן היה לכתוב את הגיבוי אל {place}: {detail}',
      remedy: 'אפשרו למשתמש של תהליך זה לכתוב לשם, או ציינו מקום אחר באמצעות ‎--backup-dir.',
    },
  },
  unreadable: {
    code: 'backup-failed',
    en: {
      because: '{object} could not be read for the backup: {detail}',
      remedy: 'Remove the cause (SQLSTATE {sqlstate}) and start again; nothing was run.',
    },
    he: {
      because: 'לא ניתן היה לקרוא את {object} לצורך הגיבוי: {detail}',
      remedy: 'הסירו את הסיבה (SQLSTATE {sqlstate}) והתחילו שוב; דבר לא הורץ.',
    },
  },
  unknownTable: {
    code: 'backup-failed',
    en: {
      because: '{object} is to be kept, and there is no such table.',
      remedy: 'Correct the name; it has to be qualified and quoted as in SQL.',
    },
    he: {
      because: 'יש לשמור את {object}, ואין טבלה כזו.',
      remedy: 'תקנו את השם; עליו לכלול סכמה ומירכאות כמו ב-SQL.',
    },
  },
  exists: {
    code: 'backup-failed',
    en: {
      because: '{place} exists already, and a backup never overwrites another.',
      remedy: 'Give another name, or move the old backup away.',
    },
    he: {
      because: '{place} כבר קיים, וגיבוי לעולם אינו דורס אחר.',
      remedy: 'תנו שם אחר, או העבירו את הגיבוי הישן.',
    },
  },
  notWhole: {
    code: 'backup-failed',
    en: {
      because: '{place} is not a whole backup: {detail}',
      remedy: 'Name the directory of a finished backup; it holds manifest.json.',
    },
    he: {
      because: '{place} אינו גיבוי שלם: {detail}',
      remedy: 'ציינו תיקייה של גיבוי שהסתיים; יש בה manifest.json.',
    },
  },
  damaged: {
    code: 'backup-failed',
    en: {
      because: '{file} of the backup {place} is damaged: {detail}',
      remedy: 'Do not use it; take an older backup, or make a new one while the data is there.',
    },
    he: {
      because: 'הקובץ {file} בגיבוי {place} פגום: {detail}',
      remedy: 'אל תשתמשו בו; קחו גיבוי ישן יותר, או צרו חדש כל עוד הנתונים קיימים.',
    },
  },
  readBackDiffers: {
    code: 'backup-failed',
    en: {
      because: '{object} was read back from its backup and is not what it was: {detail}',
      remedy:
        'Report this with the types of the columns; nothing was run, and the backup is removed.',
    },
    he: {
      because: '{object} נקרא חזרה מן הגיבוי ואינו זהה למקור: {detail}',
      remedy: 'דווחו על כך עם טיפוסי העמודות; דבר לא הורץ, והגיבוי הוסר.',
    },
  },
  notInBackup: {
    code: 'backup-failed',
    en: {
      because: '{object} is not in the backup {place}.',
      remedy: 'It holds: {detail}',
    },
    he: {
      because: '{object} אינו נמצא בגיבוי {place}.',
      remedy: 'יש בו: {detail}',
    },
  },
  noHome: {
    code: 'backup-failed',
    en: {
      because: 'The rows of {object} have no place to go back to: {detail}',
      remedy: 'Bring the table into the shape that the backup has, then restore again.',
    },
    he: {
      because: 'לשורות של {object} אין לאן לחזור: {detail}',
      remedy: 'הביאו את הטבלה לצורה שיש בגיבוי, ואז שחזרו שוב.',
    },
  },
  notEmpty: {
    code: 'backup-failed',
    en: {
      because: '{object} is not empty, and rows are only restored into empty tables.',
      remedy: "Empty it, or restore with mode 'replace', which removes its rows first.",
    },
    he: {
      because: 'הטבלה {object} אינה ריקה, ושורות משוחזרות רק לטבלאות ריקות.',
      remedy: "רוקנו אותה, או שחזרו במצב 'replace', שמסיר תחילה את שורותיה.",
    },
  },
  referenced: {
    code: 'backup-failed',
    en: {
      because: 'Rows of {object} cannot be replaced, because rows of {detail} refer to them.',
      remedy: 'Restore {detail} together with it.',
    },
    he: {
      because: 'אי אפשר להחליף את השורות של {object}, כי שורות של {detail} מפנות אליהן.',
      remedy: 'שחזרו את {detail} יחד איתה.',
    },
  },
  noCatalog: {
    code: 'backup-failed',
    en: {
      because: 'The backup {place} holds rows and no schema, so a database cannot be made from it.',
      remedy: 'Take a backup of everything, or make the tables and restore them one by one.',
    },
    he: {
      because: 'בגיבוי {place} יש שורות ואין סכמה, ולכן אי אפשר ליצור ממנו מסד נתונים.',
      remedy: 'קחו גיבוי מלא, או צרו את הטבלאות ושחזרו אותן אחת אחת.',
    },
  },
  otherMajor: {
    code: 'backup-failed',
    en: {
      because:
        'The backup was made on PostgreSQL {detail}, and this server is another major version.',
      remedy: 'Restore it on a server of that version, and upgrade that one.',
    },
    he: {
      because: 'הגיבוי נוצר ב-PostgreSQL {detail}, ושרת זה הוא מגרסה ראשית אחרת.',
      remedy: 'שחזרו אותו בשרת מאותה גרסה, ואז שדרגו אותו.',
    },
  },
  inhabited: {
    code: 'backup-failed',
    en: {
      because: 'The database is not empty: it has {object}.',
      remedy: 'Restore into a new database: createdb <name>',
    },
    he: {
      because: 'מסד הנתונים אינו ריק: יש בו {object}.',
      remedy: 'שחזרו למסד נתונים חדש: createdb <name>',
    },
  },
  schemaDiffers: {
    code: 'backup-failed',
    en: {
      because: 'The schema of the backup could not be made again: {detail}',
      remedy: 'Make the roles and extensions that it names first, then restore again.',
    },
    he: {
      because: 'לא ניתן היה ליצור מחדש את הסכמה של הגיבוי: {detail}',
      remedy: 'צרו תחילה את התפקידים וההרחבות שהיא נוקבת בהם, ואז שחזרו שוב.',
    },
  },
  keysGone: {
    code: 'backup-failed',
    en: {
      because: '{detail} of the rows of {object} that were kept are not there any more.',
      remedy: 'Look which rows were removed since; the kept values lie in {place}.',
    },
    he: {
      because: '{detail} מן השורות של {object} שנשמרו כבר אינן קיימות.',
      remedy: 'בדקו אילו שורות הוסרו מאז; הערכים שנשמרו נמצאים ב-{place}.',
    },
  },
  notRestored: {
    code: 'backup-failed',
    en: {
      because: '{object} could not be restored: {detail}',
      remedy: 'Remove the cause (SQLSTATE {sqlstate}) and restore again; nothing was changed.',
    },
    he: {
      because: 'לא ניתן היה לשחזר את {object}: {detail}',
      remedy: 'הסירו את הסיבה (SQLSTATE {sqlstate}) ושחזרו שוב; דבר לא השתנה.',
    },
  },
} as const satisfies Record<string, Reason>
