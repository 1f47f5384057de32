import type { Reason } from '../objection.ts'

/** What PostgreSQL itself said when the plan was tried in the shadow. */
export const planReasons = {
  unknown: {
    code: 'unknown-reference',
    en: {
      because: 'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'Correct the name, or create {object} in an earlier migration.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'תקנו את השם, או צרו את {object} במיגרציה מוקדמת יותר.',
    },
  },
  unknownNear: {
    code: 'unknown-reference',
    en: {
      because: 'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'Was {nearest} meant? Otherwise create {object} in an earlier migration.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'האם הכוונה ל-{nearest}? אחרת צרו את {object} במיגרציה מוקדמת יותר.',
    },
  },
  exists: {
    code: 'order-conflict',
    en: {
      because: 'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy:
        'Something of that name is there already. Give this one another name, or drop or rename the other first.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'כבר קיים משהו בשם זה. תנו לזה שם אחר, או הסירו או שנו קודם את שמו של האחר.',
    },
  },
  depended: {
    code: 'order-conflict',
    en: {
      because: 'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy:
        'Other objects hang on it. Drop or change them in the statements before, and make them again afterwards.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy:
        'אובייקטים אחרים תלויים בו. הסירו או שנו אותם בפקודות שלפני כן, וצרו אותם מחדש אחר כך.',
    },
  },
  data: {
    code: 'probe-failed',
    en: {
      because:
        'The rows that the migrations themselves have written contradict statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'Correct the rows in an earlier statement, or leave the constraint out.',
    },
    he: {
      because:
        'השורות שהמיגרציות עצמן כתבו סותרות את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'תקנו את השורות בפקודה קודמת, או ותרו על האילוץ.',
    },
  },
  right: {
    code: 'missing-right',
    en: {
      because: 'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy:
        'Run as the owner of the objects, or let the owner grant the right in an earlier file.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'הריצו כבעלי האובייקטים, או תנו את ההרשאה בקובץ קודם.',
    },
  },
  syntax: {
    code: 'unparsable',
    en: {
      because: 'PostgreSQL cannot read statement {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'Correct the statement at this place.',
    },
    he: {
      because:
        'PostgreSQL אינו מצליח לקרוא את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}).',
      remedy: 'תקנו את הפקודה במקום זה.',
    },
  },
  newLabel: {
    code: 'unsupported-statement',
    en: {
      because:
        'Statement {statementNo} uses a value of an enum that is not committed yet: {message}.',
      remedy: 'Move the statement that uses the new value into a later migration.',
    },
    he: {
      because: 'פקודה {statementNo} משתמשת בערך enum שעדיין לא אושר ב-COMMIT: {message}.',
      remedy: 'העבירו את הפקודה שמשתמשת בערך החדש למיגרציה מאוחרת יותר.',
    },
  },
  refused: {
    code: 'unsupported-statement',
    en: {
      because:
        'PostgreSQL refuses statement {statementNo}: {message} (SQLSTATE {sqlstate}). {hint}',
      remedy: 'Correct the statement; nothing has been run on the database.',
    },
    he: {
      because: 'PostgreSQL דוחה את פקודה {statementNo}: {message} (SQLSTATE {sqlstate}). {hint}',
      remedy: 'תקנו את הפקודה; דבר לא הורץ על מסד הנתונים.',
    },
  },
} as const satisfies Record<string, Reason>
