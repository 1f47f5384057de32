import type { Reason } from '../objection.ts'

/** What the live database says against a plan. */
export const preflightReasons = {
  missing: {
    code: 'drift',
    en: {
      because: '{object} ({kind}) is declared, but the database does not have it.{writer}',
      remedy:
        'See how it comes back: migrate repair --plan. If its absence is meant: write a migration that removes it.',
    },
    he: {
      because: '{object} ({kind}) מוצהר, אך אינו קיים במסד הנתונים.{writer}',
      remedy: 'כך הוא חוזר: migrate repair --plan. אם היעדרו מכוון: כתבו מיגרציה שמסירה אותו.',
    },
  },
  changed: {
    code: 'drift',
    en: {
      because: '{object} ({kind}) is not what was declared: {detail}.{writer}',
      remedy:
        'See how it comes back: migrate repair --plan. If the change is meant: write a migration that makes it.',
    },
    he: {
      because: '{object} ({kind}) אינו כפי שהוצהר: {detail}.{writer}',
      remedy: 'כך הוא חוזר: migrate repair --plan. אם השינוי מכוון: כתבו מיגרציה שמבצעת אותו.',
    },
  },
  extra: {
    code: 'drift',
    en: {
      because: '{object} ({kind}) is in no migration.',
      remedy:
        'Write a migration that makes it, or leave it out of the comparison: --ignore "{object}"',
    },
    he: {
      because: '{object} ({kind}) אינו באף מיגרציה.',
      remedy: 'כתבו מיגרציה שיוצרת אותו, או הוציאו אותו מההשוואה: ‎--ignore "{object}"',
    },
  },
  otherMajor: {
    code: 'drift',
    en: {
      because:
        'The plan was tried on PostgreSQL {shadow}, and this server is {live}: definitions are compared by structure only, so a difference in spelling shows as a difference.',
      remedy: 'Set SHADOW_DATABASE_URL to a server of version {live}.',
    },
    he: {
      because:
        'התוכנית נוסתה על PostgreSQL {shadow}, ושרת זה הוא {live}: ההגדרות מושוות לפי מבנה בלבד, ולכן הבדל כתיב נראה כהבדל.',
      remedy: 'הגדירו את SHADOW_DATABASE_URL לשרת בגרסה {live}.',
    },
  },
  inTheWay: {
    code: 'drift',
    en: {
      because:
        'Statement {statementNo} makes {object}, but the database has one already that no migration made{detail}.',
      remedy: 'Rename or drop it, or write a migration that adopts it before this one.',
    },
    he: {
      because:
        'פקודה {statementNo} יוצרת את {object}, אך במסד הנתונים כבר יש כזה שאף מיגרציה לא יצרה{detail}.',
      remedy: 'שנו את שמו או הסירו אותו, או כתבו מיגרציה קודמת שמאמצת אותו.',
    },
  },
  skipsOther: {
    code: 'drift',
    en: {
      because:
        'Statement {statementNo} says IF NOT EXISTS, so it would leave {object} as it is, and that is not what the file declares: {detail}.',
      remedy:
        'Add what is missing in a migration before this one, or rename the table that is there.',
    },
    he: {
      because:
        'בפקודה {statementNo} כתוב IF NOT EXISTS, ולכן {object} יישאר כפי שהוא, וזה אינו מה שהקובץ מצהיר: {detail}.',
      remedy: 'הוסיפו את החסר במיגרציה קודמת, או שנו את שם הטבלה הקיימת.',
    },
  },
  alreadyThere: {
    code: 'drift',
    en: {
      because:
        '{object} is there already, exactly as statement {statementNo} declares it; it will be left alone.',
      remedy: 'Nothing to do.',
    },
    he: {
      because: '{object} כבר קיים, בדיוק כפי שפקודה {statementNo} מצהירה; הוא יישאר כפי שהוא.',
      remedy: 'אין מה לעשות.',
    },
  },
  replacesOther: {
    code: 'drift',
    en: {
      because:
        'Statement {statementNo} replaces {object}, which no migration made; its definition is lost.',
      remedy: 'Keep the definition that is there if anybody needs it.',
    },
    he: {
      because: 'פקודה {statementNo} מחליפה את {object}, שאף מיגרציה לא יצרה; ההגדרה הקיימת תאבד.',
      remedy: 'שמרו את ההגדרה הקיימת אם מישהו זקוק לה.',
    },
  },
  dropsOther: {
    code: 'destructive-unflagged',
    en: {
      because:
        'Statement {statementNo} drops {object}, which no migration made but which is there, with about {rows} rows.',
      remedy:
        'If it is meant, add the line `-- destructive: yes` to {migration}; a backup is then made.',
    },
    he: {
      because:
        'פקודה {statementNo} מוחקת את {object}, שאף מיגרציה לא יצרה אך הוא קיים, עם כ-{rows} שורות.',
      remedy:
        'אם זו הכוונה, הוסיפו את השורה `-- destructive: yes` לקובץ {migration}; אז ייווצר גיבוי.',
    },
  },
  unknownName: {
    code: 'unknown-reference',
    en: {
      because:
        'Statement {statementNo} needs {object}, which this database does not have and no earlier migration makes.',
      remedy: 'Correct the name, or create {object} in an earlier migration.',
    },
    he: {
      because:
        'פקודה {statementNo} זקוקה ל-{object}, שאינו קיים במסד נתונים זה ואף מיגרציה קודמת אינה יוצרת אותו.',
      remedy: 'תקנו את השם, או צרו את {object} במיגרציה מוקדמת יותר.',
    },
  },
  unknownRole: {
    code: 'unknown-reference',
    en: {
      because: 'Statement {statementNo} names the role {object}, which this server does not have.',
      remedy: 'create role {object}',
    },
    he: {
      because: 'פקודה {statementNo} מזכירה את התפקיד {object}, שאינו קיים בשרת זה.',
      remedy: 'create role {object}',
    },
  },
  unknownExtension: {
    code: 'unknown-reference',
    en: {
      because:
        'Statement {statementNo} needs the extension {object}, which is not installed on this server.',
      remedy: 'Install the package of {object} on the machine of the server.',
    },
    he: {
      because: 'פקודה {statementNo} זקוקה להרחבה {object}, שאינה מותקנת בשרת זה.',
      remedy: 'התקינו את החבילה של {object} במחשב של השרת.',
    },
  },
  tooOld: {
    code: 'needs-server',
    en: {
      because: 'This server is PostgreSQL {live}; 14 is the oldest that is served.',
      remedy: 'Upgrade the server.',
    },
    he: {
      because: 'שרת זה הוא PostgreSQL {live}; הגרסה הישנה ביותר הנתמכת היא 14.',
      remedy: 'שדרגו את השרת.',
    },
  },
  standby: {
    code: 'blocked',
    en: {
      because: 'This server is a standby and takes no changes.',
      remedy: 'Connect to the primary server.',
    },
    he: { because: 'שרת זה הוא שרת המתנה ואינו מקבל שינויים.', remedy: 'התחברו לשרת הראשי.' },
  },
  readOnly: {
    code: 'blocked',
    en: {
      because: 'Transactions of this role are read-only by default.',
      remedy: 'alter role {role} set default_transaction_read_only = off',
    },
    he: {
      because: 'ברירת המחדל של תפקיד זה היא טרנזקציות לקריאה בלבד.',
      remedy: 'alter role {role} set default_transaction_read_only = off',
    },
  },
  preparedTransaction: {
    code: 'blocked',
    en: {
      because: 'The prepared transaction {gid} holds {object} and keeps it until somebody ends it.',
      remedy: 'As {owner}: rollback prepared {gid}; or: commit prepared {gid}',
    },
    he: {
      because: 'הטרנזקציה המוכנה {gid} מחזיקה את {object} ותחזיק בו עד שמישהו יסיים אותה.',
      remedy: 'כ-{owner}: rollback prepared {gid}; או: commit prepared {gid}',
    },
  },
  blocked: {
    code: 'blocked',
    en: {
      because:
        '{who} (pid {pid}, {state}) has held {object} for {seconds} s; the migration will wait in short turns.',
      remedy: 'Wait, or end that session: select pg_terminate_backend({pid})',
    },
    he: {
      because:
        '{who} ‏(pid {pid}, ‏{state}) מחזיק את {object} זה {seconds} שניות; המיגרציה תמתין בתורות קצרים.',
      remedy: 'המתינו, או סיימו את החיבור: select pg_terminate_backend({pid})',
    },
  },
  replicated: {
    code: 'blocked',
    en: {
      because:
        '{object} is published to other databases ({publications}), and changes of tables are not sent along.',
      remedy: 'Make the same change on the subscribers first.',
    },
    he: {
      because: '{object} משוכפל למסדי נתונים אחרים ({publications}), ושינויי טבלאות אינם נשלחים.',
      remedy: 'בצעו את אותו שינוי תחילה אצל המנויים.',
    },
  },
  slot: {
    code: 'no-space',
    en: {
      because:
        'The replication slot {object} lags by {lag} bytes; the server keeps every change until it is read, and this plan rewrites tables.',
      remedy: "Let the subscriber catch up, or: select pg_drop_replication_slot('{object}')",
    },
    he: {
      because:
        'ה-replication slot ‏{object} מפגר ב-{lag} בתים; השרת שומר כל שינוי עד שייקרא, והתוכנית כותבת טבלאות מחדש.',
      remedy: "המתינו למנוי, או: select pg_drop_replication_slot('{object}')",
    },
  },
  rewrite: {
    code: 'no-space',
    en: {
      because:
        'Statement {statementNo} writes {object} anew: about {bytes} bytes more are needed while it runs.',
      remedy: 'Make sure that the disk of the server has this space.',
    },
    he: {
      because: 'פקודה {statementNo} כותבת את {object} מחדש: נדרשים עוד כ-{bytes} בתים בזמן הריצה.',
      remedy: 'ודאו שבדיסק של השרת יש מקום זה.',
    },
  },
  notOwner: {
    code: 'missing-right',
    en: {
      because:
        'Statement {statementNo} changes {object}, which belongs to {owner}; {role} may not do that.',
      remedy: 'As the owner of the database: grant {owner} to {role}',
    },
    he: {
      because: 'פקודה {statementNo} משנה את {object}, ששייך ל-{owner}; ‏{role} אינו רשאי לכך.',
      remedy: 'כבעלים של מסד הנתונים: grant {owner} to {role}',
    },
  },
  missingRight: {
    code: 'missing-right',
    en: {
      because:
        'Statement {statementNo} needs the right to {right} on {object}, which {role} does not have.',
      remedy: 'As its owner: grant {right} on {object} to {role}',
    },
    he: {
      because: 'פקודה {statementNo} זקוקה להרשאת {right} על {object}, ואין אותה ל-{role}.',
      remedy: 'כבעלים: grant {right} on {object} to {role}',
    },
  },
  extensionRight: {
    code: 'missing-right',
    en: {
      because:
        'Statement {statementNo} makes the extension {object}, which only a superuser may do.',
      remedy: 'As a superuser: create extension if not exists {object}',
    },
    he: {
      because: 'פקודה {statementNo} יוצרת את ההרחבה {object}, ורק superuser רשאי לכך.',
      remedy: 'כ-superuser: ‏create extension if not exists {object}',
    },
  },
  nulls: {
    code: 'probe-failed',
    en: {
      because:
        'Statement {statementNo} requires a value in {object}, but there are rows without one{key}.',
      remedy: 'Give those rows a value first; this finds them: {query}',
    },
    he: {
      because: 'פקודה {statementNo} דורשת ערך ב-{object}, אך יש שורות ללא ערך{key}.',
      remedy: 'תנו תחילה ערך לשורות אלה; כך מוצאים אותן: {query}',
    },
  },
  requiredColumn: {
    code: 'probe-failed',
    en: {
      because:
        'Statement {statementNo} adds the required column {object} without a default to a table that has rows.',
      remedy:
        'Give the column a default, or add it without NOT NULL, fill it, and require it afterwards.',
    },
    he: {
      because:
        'פקודה {statementNo} מוסיפה את עמודת החובה {object} ללא ברירת מחדל לטבלה שיש בה שורות.',
      remedy: 'תנו לעמודה ברירת מחדל, או הוסיפו אותה ללא NOT NULL, מלאו אותה, ואז דרשו ערך.',
    },
  },
  duplicates: {
    code: 'probe-failed',
    en: {
      because: 'Statement {statementNo} makes {object} unique, but there are equal rows{key}.',
      remedy: 'Correct or merge them first; this finds them: {query}',
    },
    he: {
      because: 'פקודה {statementNo} דורשת ייחודיות ב-{object}, אך יש שורות שוות{key}.',
      remedy: 'תקנו או אחדו אותן תחילה; כך מוצאים אותן: {query}',
    },
  },
  orphans: {
    code: 'probe-failed',
    en: {
      because:
        'The foreign key {object} of statement {statementNo} does not hold: there are rows that refer to nothing{key}.',
      remedy: 'Correct or remove them first; this finds them: {query}',
    },
    he: {
      because:
        'המפתח הזר {object} בפקודה {statementNo} אינו מתקיים: יש שורות שמפנות לשום דבר{key}.',
      remedy: 'תקנו או הסירו אותן תחילה; כך מוצאים אותן: {query}',
    },
  },
  violated: {
    code: 'probe-failed',
    en: {
      because:
        'The rule {object} of statement {statementNo} does not hold for the rows that are there{key}.',
      remedy: 'Correct them first, or add the rule as NOT VALID; this finds them: {query}',
    },
    he: {
      because: 'הכלל {object} בפקודה {statementNo} אינו מתקיים בשורות הקיימות{key}.',
      remedy: 'תקנו אותן תחילה, או הוסיפו את הכלל כ-NOT VALID; כך מוצאים אותן: {query}',
    },
  },
  notConvertible: {
    code: 'probe-failed',
    en: {
      because:
        'Statement {statementNo} converts {object}, which some of the values that are there do not allow ({sqlstate}){key}.',
      remedy: 'Correct the values first, or write a USING that can convert them: {query}',
    },
    he: {
      because:
        'פקודה {statementNo} ממירה את {object}, וחלק מהערכים הקיימים אינם מאפשרים זאת ({sqlstate}){key}.',
      remedy: 'תקנו תחילה את הערכים, או כתבו USING שיודע להמיר אותם: {query}',
    },
  },
  overlaps: {
    code: 'probe-failed',
    en: {
      because:
        'The rule {object} of statement {statementNo} excludes rows that are there together{key}.',
      remedy: 'Correct them first; this finds them: {query}',
    },
    he: {
      because: 'הכלל {object} בפקודה {statementNo} שולל שורות שקיימות זו לצד זו{key}.',
      remedy: 'תקנו אותן תחילה; כך מוצאים אותן: {query}',
    },
  },
  outsideBound: {
    code: 'probe-failed',
    en: {
      because:
        'Statement {statementNo} makes {object} a partition, but it has rows that do not belong into it{key}.',
      remedy: 'Move them first; this finds them: {query}',
    },
    he: {
      because:
        'פקודה {statementNo} הופכת את {object} למחיצה, אך יש בה שורות שאינן שייכות אליה{key}.',
      remedy: 'העבירו אותן תחילה; כך מוצאים אותן: {query}',
    },
  },
  insideDefault: {
    code: 'probe-failed',
    en: {
      because:
        'Statement {statementNo} adds a partition, but the default partition {object} has rows that belong into it{key}.',
      remedy: 'Move them first; this finds them: {query}',
    },
    he: {
      because:
        'פקודה {statementNo} מוסיפה מחיצה, אך במחיצת ברירת המחדל {object} יש שורות ששייכות אליה{key}.',
      remedy: 'העבירו אותן תחילה; כך מוצאים אותן: {query}',
    },
  },
  unproven: {
    code: 'probe-failed',
    en: {
      because:
        'Whether the rows allow statement {statementNo} ({object}) could not be found out: {detail}',
      remedy: 'Run it where there is time for it: {query}',
    },
    he: {
      because: 'לא ניתן היה לברר אם השורות מאפשרות את פקודה {statementNo} ‏({object}): {detail}',
      remedy: 'הריצו היכן שיש לכך זמן: {query}',
    },
  },
} as const satisfies Record<string, Reason>
