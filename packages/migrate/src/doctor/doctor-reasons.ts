import type { Reason } from '../objection.ts'

/** What the doctor says. The remedy is SQL or a command that can be pasted. */
export const doctorReasons = {
  invalidIndex: {
    code: 'drift',
    en: {
      because: 'The index {object} is invalid: it costs time at every write and serves no query.',
      remedy: '{sql}',
    },
    he: {
      because: 'האינדקס {object} אינו תקין: הוא עולה זמן בכל כתיבה ואינו משרת אף שאילתה.',
      remedy: '{sql}',
    },
  },
  leftoverIndex: {
    code: 'drift',
    en: {
      because: 'The index {object} was left behind by an interrupted REINDEX CONCURRENTLY.',
      remedy: '{sql}',
    },
    he: {
      because: 'האינדקס {object} נשאר אחרי REINDEX CONCURRENTLY שנקטע.',
      remedy: '{sql}',
    },
  },
  uncheckedConstraint: {
    code: 'drift',
    en: {
      because: 'The rule {object} holds for new rows only; the old ones were never checked.',
      remedy: '{sql}',
    },
    he: {
      because: 'הכלל {object} חל על שורות חדשות בלבד; הישנות מעולם לא נבדקו.',
      remedy: '{sql}',
    },
  },
  detachPending: {
    code: 'drift',
    en: { because: 'The partition {object} is half detached.', remedy: '{sql}' },
    he: { because: 'המחיצה {object} מנותקת למחצה.', remedy: '{sql}' },
  },
  disabledTrigger: {
    code: 'drift',
    en: {
      because: 'The trigger {object} is switched off, so what it watches over is not watched.',
      remedy: '{sql}',
    },
    he: {
      because: 'הטריגר {object} כבוי, ולכן מה שהוא שומר עליו אינו נשמר.',
      remedy: '{sql}',
    },
  },
  sequenceBehind: {
    code: 'drift',
    en: {
      because:
        'The sequence {object} is behind the values that are there: the next INSERT will collide.',
      remedy: '{sql}',
    },
    he: {
      because: 'הרצף {object} מפגר אחרי הערכים הקיימים: ה-INSERT הבא יתנגש.',
      remedy: '{sql}',
    },
  },
  preparedTransaction: {
    code: 'blocked',
    en: {
      because:
        'The prepared transaction {object} of {owner} has been waiting for {seconds} s and keeps its locks.',
      remedy: '{sql}',
    },
    he: {
      because: 'הטרנזקציה המוכנה {object} של {owner} ממתינה זה {seconds} שניות ומחזיקה במנעולים.',
      remedy: '{sql}',
    },
  },
  holder: {
    code: 'blocked',
    en: {
      because:
        '{who} (pid {pid}, {state}, for {seconds} s) holds the lock of the migrations{work}.',
      remedy: 'Wait for it; if it is dead: select pg_terminate_backend({pid})',
    },
    he: {
      because: '{who} ‏(pid {pid}, ‏{state}, ‏{seconds} שניות) מחזיק במנעול המיגרציות{work}.',
      remedy: 'המתינו לו; אם אינו חי עוד: select pg_terminate_backend({pid})',
    },
  },
  nothingHappened: {
    code: 'drift',
    en: {
      because: '{migration} failed{cause}, and nothing of it is in the database.',
      remedy: 'Remove the cause and start again: migrate up',
    },
    he: {
      because: '{migration} נכשלה{cause}, ודבר ממנה אינו במסד הנתונים.',
      remedy: 'הסירו את הסיבה והתחילו שוב: migrate up',
    },
  },
  halfDone: {
    code: 'drift',
    en: {
      because:
        '{migration} ended in the middle{cause}: statements 1 to {done} of {total} took effect.',
      remedy: 'Go on with statement {next}: migrate up',
    },
    he: {
      because: '{migration} נקטעה באמצע{cause}: פקודות 1 עד {done} מתוך {total} בוצעו.',
      remedy: 'המשיכו מפקודה {next}: migrate up',
    },
  },
  allDone: {
    code: 'drift',
    en: {
      because: 'Everything of {migration} is in the database, but the ledger calls it {status}.',
      remedy: '{sql}',
    },
    he: {
      because: 'כל {migration} נמצאת במסד הנתונים, אך ביומן מצבה {status}.',
      remedy: '{sql}',
    },
  },
  unclear: {
    code: 'drift',
    en: {
      because:
        '{migration} ended in the middle{cause}; the catalog agrees with statements {states} of {total}, and the ledger says {done}.',
      remedy: 'Look at the rows, then say what is true: {sql}',
    },
    he: {
      because:
        '{migration} נקטעה באמצע{cause}; הקטלוג תואם את פקודות {states} מתוך {total}, והיומן אומר {done}.',
      remedy: 'בדקו את השורות, ואז קבעו מה נכון: {sql}',
    },
  },
  matchesNothing: {
    code: 'drift',
    en: {
      because:
        '{migration} ended in the middle{cause}, and the database is as none of its statements leaves it: {detail}.',
      remedy: 'Bring those objects back to what one of its statements leaves, then: migrate up',
    },
    he: {
      because:
        '{migration} נקטעה באמצע{cause}, ומסד הנתונים אינו כפי שאף פקודה שלה משאירה אותו: {detail}.',
      remedy: 'החזירו את האובייקטים האלה למה שאחת הפקודות משאירה, ואז: migrate up',
    },
  },
  duplicateIndex: {
    code: 'drift',
    en: {
      because:
        '{object} does the same as {otherObject} on {table}: {bytes} bytes and time at every write for nothing.',
      remedy: '{sql}',
    },
    he: {
      because: '{object} זהה ל-{otherObject} על {table}: ‏{bytes} בתים וזמן בכל כתיבה לחינם.',
      remedy: '{sql}',
    },
  },
  coveredIndex: {
    code: 'drift',
    en: {
      because:
        'Whatever {object} serves on {table}, {otherObject} serves too, because it begins with the same columns ({bytes} bytes).',
      remedy: '{sql}',
    },
    he: {
      because:
        'כל מה ש-{object} משרת על {table}, גם {otherObject} משרת, כי הוא מתחיל באותן עמודות ({bytes} בתים).',
      remedy: '{sql}',
    },
  },
  unusedIndex: {
    code: 'drift',
    en: {
      because:
        'No query has used {object} on {table} since {since} ({bytes} bytes). Ask the replicas, too.',
      remedy: '{sql}',
    },
    he: {
      because:
        'אף שאילתה לא השתמשה ב-{object} על {table} מאז {since} ({bytes} בתים). בדקו גם את העותקים.',
      remedy: '{sql}',
    },
  },
  keyWithoutIndex: {
    code: 'drift',
    en: {
      because:
        'The foreign key {object} on {table} has no index: every change of a row in {otherObject} reads all of it (about {rows} rows).',
      remedy: '{sql}',
    },
    he: {
      because:
        'למפתח הזר {object} על {table} אין אינדקס: כל שינוי שורה ב-{otherObject} קורא את כולה (כ-{rows} שורות).',
      remedy: '{sql}',
    },
  },
  orphans: {
    code: 'probe-failed',
    en: {
      because: 'The foreign key {object} does not hold: {count} rows refer to nothing.',
      remedy: 'Correct or remove them; this finds them: {sql}',
    },
    he: {
      because: 'המפתח הזר {object} אינו מתקיים: {count} שורות מפנות לשום דבר.',
      remedy: 'תקנו או הסירו אותן; כך מוצאים אותן: {sql}',
    },
  },
  unprovenKey: {
    code: 'probe-failed',
    en: {
      because: 'The foreign key {object} could not be checked: {detail}.',
      remedy: 'Run it where there is time for it: {sql}',
    },
    he: {
      because: 'לא ניתן היה לבדוק את המפתח הזר {object}: ‏{detail}.',
      remedy: 'הריצו היכן שיש לכך זמן: {sql}',
    },
  },
} as const satisfies Record<string, Reason>
