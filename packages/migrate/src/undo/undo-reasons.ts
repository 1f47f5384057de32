import type { Reason } from '../objection.ts'

/** Why a migration is not taken back. */
export const undoReasons = {
  noInverse: {
    code: 'inverse-unproven',
    en: {
      because: 'The ledger holds no way back for {migration}.',
      remedy: 'Write {migration}.down.sql and give it, or restore a backup.',
    },
    he: {
      because: 'ביומן אין דרך חזרה עבור {migration}.',
      remedy: 'כתבו ומסרו {migration}.down.sql, או שחזרו גיבוי.',
    },
  },
  unknown: {
    code: 'file-missing',
    en: {
      because: 'There is no migration {migration} in the ledger that could be taken back: {detail}',
      remedy: 'migrate status shows what has run.',
    },
    he: {
      because: 'אין ביומן מיגרציה {migration} שאפשר להחזיר: {detail}',
      remedy: 'הפקודה migrate status מציגה מה כבר רץ.',
    },
  },
  needed: {
    code: 'order-conflict',
    en: {
      because: '{needer} still stands and depends on {migration}: {detail}',
      remedy: 'Take {needer} back as well: migrate down --to {migration}',
    },
    he: {
      because: '{needer} עדיין קיימת ותלויה ב-{migration}: {detail}',
      remedy: 'החזירו גם את {needer}: migrate down --to {migration}',
    },
  },
  noPreImage: {
    code: 'inverse-lossy',
    en: {
      because: '{migration} destroyed {object}, and what it held was not kept: {detail}',
      remedy:
        'Restore a backup, or go back without that data: migrate down --accept-loss="<reason>"',
    },
    he: {
      because: 'המיגרציה {migration} מחקה את {object}, ומה שהיה שם לא נשמר: {detail}',
      remedy: 'שחזרו גיבוי, או חזרו בלי הנתונים: migrate down --accept-loss="<סיבה>"',
    },
  },
  changedSince: {
    code: 'inverse-lossy',
    en: {
      because:
        '{count} rows of {object} were changed since {migration} wrote them; keys: {keys}. Going back would lose those changes.',
      remedy:
        'Look at those rows. To leave them as they are and take back the rest: migrate down --accept-loss="<reason>"',
    },
    he: {
      because:
        '{count} שורות של {object} השתנו מאז ש-{migration} כתבה אותן; מפתחות: {keys}. חזרה תאבד את השינויים.',
      remedy: 'בדקו את השורות. כדי להשאירן ולהחזיר את השאר: migrate down --accept-loss="<סיבה>"',
    },
  },
  writtenSince: {
    code: 'inverse-lossy',
    en: {
      because:
        '{object} came with {migration} and would go with it; it holds {count} rows with data that was written since.',
      remedy: 'Keep what you need, then: migrate down --accept-loss="<reason>"',
    },
    he: {
      because:
        '{object} נוצרה עם {migration} ותימחק איתה; יש בה {count} שורות עם נתונים שנכתבו מאז.',
      remedy: 'שמרו את הדרוש, ואז: migrate down --accept-loss="<סיבה>"',
    },
  },
  unseen: {
    code: 'inverse-lossy',
    en: {
      because:
        'While {migration} ran, something else wrote rows of {object}, such as a trigger; no image of those rows was taken.',
      remedy: 'Look at that table. To leave it as it is: migrate down --accept-loss="<reason>"',
    },
    he: {
      because:
        'בזמן ש-{migration} רצה, גורם אחר, כגון טריגר, כתב שורות ב-{object}; לא נשמרה תמונה שלהן.',
      remedy: 'בדקו את הטבלה. כדי להשאירה כפי שהיא: migrate down --accept-loss="<סיבה>"',
    },
  },
  noHome: {
    code: 'inverse-lossy',
    en: {
      because: 'Rows of {object} that {migration} changed cannot be put back: {detail}',
      remedy:
        'Take back what was done to that table since, or: migrate down --accept-loss="<reason>"',
    },
    he: {
      because: 'לא ניתן להשיב את השורות של {object} ש-{migration} שינתה: {detail}',
      remedy: 'החזירו את מה שנעשה בטבלה מאז, או: migrate down --accept-loss="<סיבה>"',
    },
  },
  noValue: {
    code: 'inverse-lossy',
    en: {
      because:
        'Rows of {table} need a value for {object}, which {migration} took away (statements {first} to {last}), and none was kept for them, because they came since; the way back refuses in its step {step}: {text}. Nothing was changed.',
      remedy:
        'Remove those rows, or keep them elsewhere and put them back afterwards; then start again.',
    },
    he: {
      because:
        'לשורות של {table} נחוץ ערך ב-{object}, ש-{migration} הסירה (פקודות {first} עד {last}), ולא נשמר להן ערך כי נוספו מאז; הדרך חזרה נעצרת בצעד {step}: {text}. דבר לא השתנה.',
      remedy: 'מחקו את השורות, או שמרו אותן במקום אחר והשיבו אותן אחר כך; ואז התחילו שוב.',
    },
  },
  heldByOthers: {
    code: 'inverse-lossy',
    en: {
      because:
        'The key of {object}, which {migration} changed, can only be given back while foreign keys sleep, and this role may not let them; {detail} refers to it.',
      remedy: 'Go back as a role that may set session_replication_role, such as a superuser.',
    },
    he: {
      because:
        'את המפתח של {object}, ש-{migration} שינתה, אפשר להשיב רק כשמפתחות זרים ישנים, ולתפקיד הזה אין רשות לכך; {detail} מפנה אליה.',
      remedy: 'חזרו בתפקיד שרשאי לקבוע session_replication_role, כגון מנהל השרת.',
    },
  },
  orphans: {
    code: 'inverse-lossy',
    en: {
      because:
        'Going back would leave {count} rows of {object} that refer to rows which are gone ({detail}); keys: {keys}',
      remedy: 'Remove those rows, or let them refer to others; then start again.',
    },
    he: {
      because:
        'חזרה תשאיר {count} שורות של {object} שמפנות לשורות שאינן קיימות ({detail}); מפתחות: {keys}',
      remedy: 'מחקו את השורות, או הפנו אותן לאחרות; ואז התחילו שוב.',
    },
  },
  notWhatWas: {
    code: 'drift',
    en: {
      because:
        'After taking back {migration} the schema is not what it was before it: {detail}. Nothing was changed.',
      remedy: 'Let the doctor compare: migrate doctor',
    },
    he: {
      because: 'אחרי החזרת {migration} הסכמה אינה מה שהיתה לפניה: {detail}. דבר לא השתנה.',
      remedy: 'בקשו מהבודק להשוות: migrate doctor',
    },
  },
  isolation: {
    code: 'backup-failed',
    en: {
      because:
        'The transaction of {migration} has the isolation level "{detail}": rows that others wrote before the lock would be missing from the backup.',
      remedy: 'Write BEGIN without an isolation level.',
    },
    he: {
      because:
        'לטרנזקציה של {migration} רמת בידוד "{detail}": שורות שאחרים כתבו לפני הנעילה יחסרו בגיבוי.',
      remedy: 'כתבו BEGIN ללא רמת בידוד.',
    },
  },
  halfUndone: {
    code: 'drift',
    en: {
      because: 'Going back from {migration} was interrupted and is not finished.',
      remedy: 'Finish it: migrate down',
    },
    he: {
      because: 'ההחזרה של {migration} נקטעה ולא הושלמה.',
      remedy: 'השלימו אותה: migrate down',
    },
  },
} as const satisfies Record<string, Reason>
