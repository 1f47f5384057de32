import type { Reason } from '../objection.ts'

/** What stands against a set of files in their declared order. */
export const orderReasons = {
  unknownAfter: {
    code: 'file-missing',
    en: {
      because: '{migration} waits for {object}, which is not among the files.',
      remedy: 'Restore {object}.sql, or correct the line `-- after:`.',
    },
    he: {
      because: '{migration} ממתין ל-{object}, שאינו בין הקבצים.',
      remedy: 'שחזרו את {object}.sql, או תקנו את השורה `-- after:`.',
    },
  },
  misspeltAfter: {
    code: 'file-missing',
    en: {
      because: '{migration} waits for {object}, which is not among the files.',
      remedy: 'Write `-- after: {nearest}`, or restore {object}.sql.',
    },
    he: {
      because: '{migration} ממתין ל-{object}, שאינו בין הקבצים.',
      remedy: 'כתבו `-- after: {nearest}`, או שחזרו את {object}.sql.',
    },
  },
  afterCycle: {
    code: 'cycle',
    en: {
      because: 'The `after:` lines lead back to where they began: {path}.',
      remedy:
        'Remove {object} from the line `-- after:` of {migration}, or one of the other edges.',
    },
    he: {
      because: 'שורות ה-`after:` חוזרות אל תחילתן: {path}.',
      remedy: 'הסירו את {object} מהשורה `-- after:` של {migration}, או אחת מהתלויות האחרות.',
    },
  },
  cycle: {
    code: 'cycle',
    en: {
      because: 'None of these files can run first: {path}.',
      remedy:
        'Move the statement that makes {object} necessary into a new file after both; a foreign key as ALTER TABLE … ADD CONSTRAINT.',
    },
    he: {
      because: 'אף אחד מהקבצים האלה אינו יכול לרוץ ראשון: {path}.',
      remedy:
        'העבירו את הפקודה שזקוקה ל-{object} לקובץ חדש אחרי שניהם; מפתח זר כ-ALTER TABLE … ADD CONSTRAINT.',
    },
  },
  madeLater: {
    code: 'order-conflict',
    en: {
      because:
        'Statement {statementNo} needs {object}, but only {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) makes it, and that runs later.',
      remedy: 'Write {lines}; or take the proposed order over: migrate plan --apply-order',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}, אבל רק {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) יוצרת אותו, והיא רצה מאוחר יותר.',
      remedy: 'כתבו {lines}; או אמצו את הסדר המוצע: migrate plan --apply-order',
    },
  },
  madeLaterUnsolved: {
    code: 'order-conflict',
    en: {
      because:
        'Statement {statementNo} needs {object}, but only {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) makes it, and that runs later.',
      remedy:
        'Moving whole files does not solve this: split {otherMigration}, so that what makes {object} stands in a file before {migration}.',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}, אבל רק {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) יוצרת אותו, והיא רצה מאוחר יותר.',
      remedy:
        'העברת קבצים שלמים אינה פותרת זאת: פצלו את {otherMigration}, כך שיצירת {object} תעמוד בקובץ שלפני {migration}.',
    },
  },
  skippedThere: {
    code: 'unknown-reference',
    en: {
      because:
        'Statement {statementNo} needs {object}. {otherFile}:{otherLine} (statement {otherStatementNo}) was to make it, but does nothing: IF NOT EXISTS finds something older of that name.',
      remedy: 'Add what is missing before: ALTER TABLE … ADD COLUMN IF NOT EXISTS for {object}.',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}. {otherFile}:{otherLine} (פקודה {otherStatementNo}) הייתה אמורה ליצור אותו, אבל אינה עושה דבר: IF NOT EXISTS מוצא משהו ישן יותר בשם זה.',
      remedy: 'הוסיפו קודם את מה שחסר: ALTER TABLE … ADD COLUMN IF NOT EXISTS עבור {object}.',
    },
  },
  endedBefore: {
    code: 'unknown-reference',
    en: {
      because:
        'Statement {statementNo} needs {object}, but {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) has dropped it before.',
      remedy: 'Name what is there now, or move this statement before {otherMigration}.',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}, אבל {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) כבר הסירה אותו.',
      remedy: 'ציינו את מה שקיים כעת, או העבירו את הפקודה לפני {otherMigration}.',
    },
  },
  renamedBefore: {
    code: 'unknown-reference',
    en: {
      because:
        'Statement {statementNo} needs {object}, but {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) has given it another name before.',
      remedy: 'Write {nearest}.',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}, אבל {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) כבר נתנה לו שם אחר.',
      remedy: 'כתבו {nearest}.',
    },
  },
  unknown: {
    code: 'unknown-reference',
    en: {
      because: 'Statement {statementNo} needs {object}, which no file makes.',
      remedy: 'Correct the name, or make {object} in an earlier file.',
    },
    he: {
      because: 'פקודה {statementNo} זקוקה ל-{object}, שאף קובץ אינו יוצר.',
      remedy: 'תקנו את השם, או צרו את {object} בקובץ מוקדם יותר.',
    },
  },
  unknownNear: {
    code: 'unknown-reference',
    en: {
      because: 'Statement {statementNo} needs {object}, which no file makes.',
      remedy: 'Write {nearest}, if that was meant; otherwise make {object} in an earlier file.',
    },
    he: {
      because: 'פקודה {statementNo} זקוקה ל-{object}, שאף קובץ אינו יוצר.',
      remedy: 'כתבו {nearest}, אם לזה הכוונה; אחרת צרו את {object} בקובץ מוקדם יותר.',
    },
  },
  stillUsed: {
    code: 'order-conflict',
    en: {
      because:
        'Statement {statementNo} drops {object}, which {holder} still uses; {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) drops that only later.',
      remedy: 'Write {lines}; or take the proposed order over: migrate plan --apply-order',
    },
    he: {
      because:
        'פקודה {statementNo} מסירה את {object}, ש-{holder} עדיין משתמש בו; {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) מסירה אותו רק מאוחר יותר.',
      remedy: 'כתבו {lines}; או אמצו את הסדר המוצע: migrate plan --apply-order',
    },
  },
  madeTwice: {
    code: 'order-conflict',
    en: {
      because:
        'Statement {statementNo} makes {object}, but {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}) has made it before.',
      remedy: 'Remove one of the two, or drop {object} between them.',
    },
    he: {
      because:
        'פקודה {statementNo} יוצרת את {object}, אבל {otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}) כבר יצרה אותו.',
      remedy: 'הסירו אחת מהשתיים, או הסירו את {object} ביניהן.',
    },
  },
  lateUnknown: {
    code: 'unknown-reference',
    en: {
      because:
        'A body in statement {statementNo} names {object}, which does not exist when the statement runs; it fails when the body runs.',
      remedy: 'Make sure that {object} exists before the body is called, or correct the name.',
    },
    he: {
      because:
        'גוף בפקודה {statementNo} מזכיר את {object}, שאינו קיים כשהפקודה רצה; הוא ייכשל כשהגוף ירוץ.',
      remedy: 'ודאו ש-{object} קיים לפני שהגוף נקרא, או תקנו את השם.',
    },
  },
  lateUnknownNear: {
    code: 'unknown-reference',
    en: {
      because:
        'A body in statement {statementNo} names {object}, which does not exist when the statement runs; it fails when the body runs.',
      remedy: 'Write {nearest}, if that was meant.',
    },
    he: {
      because:
        'גוף בפקודה {statementNo} מזכיר את {object}, שאינו קיים כשהפקודה רצה; הוא ייכשל כשהגוף ירוץ.',
      remedy: 'כתבו {nearest}, אם לזה הכוונה.',
    },
  },
  late: {
    code: 'late-file-conflict',
    en: {
      because:
        '{migration} stands before {otherMigration}, which has already run, and both touch {object}: statement {statementNo} and {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}).',
      remedy:
        'Give the file a number after the newest completed one and make it fit what is there now.',
    },
    he: {
      because:
        '{migration} עומד לפני {otherMigration}, שכבר רץ, ושניהם נוגעים ב-{object}: פקודה {statementNo} ו-{otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}).',
      remedy: 'תנו לקובץ מספר שאחרי האחרון שהושלם, והתאימו אותו למה שקיים כעת.',
    },
  },
  lateRows: {
    code: 'late-file-conflict',
    en: {
      because:
        '{migration} stands before {otherMigration}, which has already run, and both work on the rows of {object}: statement {statementNo} and {otherFile}:{otherLine}:{otherColumn} (statement {otherStatementNo}).',
      remedy: 'If their order does not matter, add the line `-- commutes: yes` to {migration}.',
    },
    he: {
      because:
        '{migration} עומד לפני {otherMigration}, שכבר רץ, ושניהם עובדים על השורות של {object}: פקודה {statementNo} ו-{otherFile}:{otherLine}:{otherColumn} (פקודה {otherStatementNo}).',
      remedy: 'אם הסדר ביניהם אינו משנה, הוסיפו את השורה `-- commutes: yes` לקובץ {migration}.',
    },
  },
} as const satisfies Record<string, Reason>
