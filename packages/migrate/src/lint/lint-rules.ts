import type { LintLevel } from './finding.ts'

type Text = { readonly because: string; readonly remedy: string }

/** A rule: its usual level, and its texts with `{name}` for facts. */
export type LintRule = {
  readonly level: LintLevel
  /** For lists of rules. */
  readonly title: string
  readonly en: Text
  readonly he: Text
}

const online = 'Or add the header line `-- online: yes` and the engine does it that way.'
const onlineHe = 'או הוסיפו לכותרת `-- online: yes`, והמנוע יעשה זאת כך.'

/** Every rule by its id, which `-- lint-ignore: <id> <reason>` names. */
export const lintRules = {
  'table-rewrite': {
    level: 'error',
    title: 'Writes a whole table anew',
    en: {
      because: 'This writes {table} anew, with all of its indexes.',
      remedy:
        'Make a new table beside it, copy the rows in batches, and swap the names; or run this in a maintenance window.',
    },
    he: {
      because: 'פקודה זו כותבת את {table} מחדש, עם כל האינדקסים שלה.',
      remedy:
        'צרו טבלה חדשה לצידה, העתיקו את השורות במנות והחליפו שמות; או הריצו זאת בחלון תחזוקה.',
    },
  },
  'volatile-default': {
    level: 'error',
    title: 'A new column whose value differs from row to row',
    en: {
      because:
        'Adding {object} writes every row of {table} anew, because {cause} gives each row a value of its own.',
      remedy: `Add the column without a default, set the default for new rows, fill the old rows in batches, and only then add NOT NULL. ${online}`,
    },
    he: {
      because: 'הוספת {object} כותבת מחדש כל שורה של {table}, כי {cause} נותן לכל שורה ערך משלה.',
      remedy: `הוסיפו את העמודה ללא ברירת מחדל, קבעו ברירת מחדל לשורות חדשות, מלאו את הישנות במנות, ורק אז הוסיפו NOT NULL. ${onlineHe}`,
    },
  },
  'type-change-rewrite': {
    level: 'error',
    title: 'A change of type that writes the table anew',
    en: {
      because:
        'Changing {object} from {from} to {to} writes {table} anew, with all of its indexes.',
      remedy:
        'Add a new column of the new type, let the application write both, fill it in batches, read the new one, and drop the old one in a `phase: contract` migration.',
    },
    he: {
      because:
        'שינוי הטיפוס של {object} מ-{from} ל-{to} כותב את {table} מחדש, עם כל האינדקסים שלה.',
      remedy:
        'הוסיפו עמודה חדשה מהטיפוס החדש, כתבו מהיישום לשתיהן, מלאו אותה במנות, עברו לקרוא ממנה, ומחקו את הישנה במיגרציה עם `phase: contract`.',
    },
  },
  'index-not-concurrent': {
    level: 'error',
    title: 'An index that is built while writes wait',
    en: {
      because: 'This builds an index on {table} without CONCURRENTLY.',
      remedy: `Write CREATE INDEX CONCURRENTLY; the engine runs it outside of a transaction and cleans up if it fails. ${online}`,
    },
    he: {
      because: 'פקודה זו בונה אינדקס על {table} ללא CONCURRENTLY.',
      remedy: `כתבו CREATE INDEX CONCURRENTLY; המנוע מריץ זאת מחוץ לטרנזקציה ומנקה אם הבנייה נכשלת. ${onlineHe}`,
    },
  },
  'drop-index-not-concurrent': {
    level: 'warning',
    title: 'An index that is dropped while its table is locked',
    en: {
      because: 'Dropping the index of {table} waits for every query on that table.',
      remedy: `Write DROP INDEX CONCURRENTLY. ${online}`,
    },
    he: {
      because: 'מחיקת האינדקס של {table} ממתינה לכל שאילתה על הטבלה.',
      remedy: `כתבו DROP INDEX CONCURRENTLY. ${onlineHe}`,
    },
  },
  'reindex-not-concurrent': {
    level: 'error',
    title: 'An index that is rebuilt while writes wait',
    en: {
      because:
        'This rebuilds indexes of {table} without CONCURRENTLY; even reads that use them wait.',
      remedy: 'Write REINDEX … CONCURRENTLY.',
    },
    he: {
      because:
        'פקודה זו בונה מחדש אינדקסים של {table} ללא CONCURRENTLY; גם קריאות שמשתמשות בהם ממתינות.',
      remedy: 'כתבו REINDEX … CONCURRENTLY.',
    },
  },
  'foreign-key-validates': {
    level: 'warning',
    title: 'A foreign key that checks all rows at once',
    en: {
      because: 'Adding this foreign key to {table} looks for the parent of every row at once.',
      remedy: `Add it with NOT VALID, and in a later transaction: alter table {table} validate constraint … (which lets writes go on). ${online}`,
    },
    he: {
      because: 'הוספת מפתח זר זה ל-{table} בודקת את ההורה של כל השורות בבת אחת.',
      remedy: `הוסיפו אותו עם NOT VALID, ובטרנזקציה מאוחרת יותר: alter table {table} validate constraint … (שמאפשרת לכתיבות להמשיך). ${onlineHe}`,
    },
  },
  'check-validates': {
    level: 'error',
    title: 'A CHECK that reads all rows at once',
    en: {
      because: 'Adding this CHECK reads every row of {table} while nobody else may.',
      remedy: `Add it with NOT VALID, and in a later transaction: alter table {table} validate constraint … ${online}`,
    },
    he: {
      because: 'הוספת ה-CHECK קוראת כל שורה של {table} בזמן שאיש אינו יכול לגשת אליה.',
      remedy: `הוסיפו אותו עם NOT VALID, ובטרנזקציה מאוחרת יותר: alter table {table} validate constraint … ${onlineHe}`,
    },
  },
  'not-null-scans': {
    level: 'error',
    title: 'SET NOT NULL that reads all rows',
    en: {
      because: 'SET NOT NULL reads every row of {table} to be sure that none is null.',
      remedy: `On 18: add constraint … not null {column} not valid, then validate it in a later transaction. Before 18: the same with check ({column} is not null) not valid, then SET NOT NULL, which need not look any more, and drop the check. ${online}`,
    },
    he: {
      because: 'SET NOT NULL קוראת כל שורה של {table} כדי לוודא שאין בה null.',
      remedy: `בגרסה 18: add constraint … not null {column} not valid, ואחר כך validate בטרנזקציה נפרדת. לפני 18: כך גם עם check ({column} is not null) not valid, ואז SET NOT NULL, שאינה צריכה עוד לבדוק, ומחיקת ה-check. ${onlineHe}`,
    },
  },
  'unique-builds-index': {
    level: 'error',
    title: 'A unique or primary key that builds its index under the lock',
    en: {
      because: 'Adding this key builds an index on {table} while nobody else may read or write it.',
      remedy: `create unique index concurrently … on {table} (…), then alter table {table} add constraint … unique using index … ${online}`,
    },
    he: {
      because: 'הוספת מפתח זה בונה אינדקס על {table} בזמן שאיש אינו יכול לקרוא או לכתוב בה.',
      remedy: `create unique index concurrently … on {table} (…)‎, ואחר כך alter table {table} add constraint … unique using index … ${onlineHe}`,
    },
  },
  'exclusion-builds-index': {
    level: 'error',
    title: 'An exclusion constraint builds its index under the lock',
    en: {
      because:
        'Adding this exclusion constraint builds an index on {table} while nobody else may read or write it.',
      remedy:
        'PostgreSQL has no other way for EXCLUDE: run it in a maintenance window, or move the rows into a new table that has the constraint.',
    },
    he: {
      because: 'הוספת אילוץ EXCLUDE בונה אינדקס על {table} בזמן שאיש אינו יכול לקרוא או לכתוב בה.',
      remedy:
        'ל-PostgreSQL אין דרך אחרת עבור EXCLUDE: הריצו זאת בחלון תחזוקה, או העבירו את השורות לטבלה חדשה שיש לה האילוץ.',
    },
  },
  'domain-check-scans': {
    level: 'warning',
    title: 'A rule of a domain that reads every table that uses it',
    en: {
      because: 'Adding this rule to the domain reads {table} from end to end.',
      remedy: 'alter domain … add constraint … not valid, then validate it in a later transaction.',
    },
    he: {
      because: 'הוספת כלל זה לדומיין קוראת את {table} מתחילתה ועד סופה.',
      remedy: 'alter domain … add constraint … not valid, ואחר כך validate בטרנזקציה נפרדת.',
    },
  },
  'attach-scans': {
    level: 'warning',
    title: 'ATTACH PARTITION that reads all rows',
    en: {
      because: 'Attaching the partition reads {table} from end to end.',
      remedy:
        'First add a valid CHECK that says the same as the bound (with IS NOT NULL for the key), on the DEFAULT partition the opposite; then ATTACH reads nothing.',
    },
    he: {
      because: 'צירוף המחיצה קורא את {table} מתחילתה ועד סופה.',
      remedy:
        'הוסיפו קודם CHECK תקף שאומר אותו דבר כמו הגבול (עם IS NOT NULL למפתח), ועל מחיצת DEFAULT את ההפך; אז ATTACH אינו קורא דבר.',
    },
  },
  'partition-of': {
    level: 'warning',
    title: 'CREATE TABLE … PARTITION OF an existing table',
    en: {
      because: 'CREATE TABLE … PARTITION OF locks {table} against all reads and writes.',
      remedy: `create table … (like {table} including all), add the CHECK of its bound, then alter table {table} attach partition …, which lets queries go on. ${online}`,
    },
    he: {
      because: 'CREATE TABLE … PARTITION OF נועלת את {table} בפני כל קריאה וכתיבה.',
      remedy: `create table … (like {table} including all), הוסיפו CHECK של הגבול, ואז alter table {table} attach partition …, שמאפשרת לשאילתות להמשיך. ${onlineHe}`,
    },
  },
  'detach-not-concurrent': {
    level: 'warning',
    title: 'DETACH PARTITION without CONCURRENTLY',
    en: {
      because: 'DETACH PARTITION locks {table}, its partitions and the tables that refer to it.',
      remedy: 'Write DETACH PARTITION … CONCURRENTLY (not possible beside a DEFAULT partition).',
    },
    he: {
      because: 'DETACH PARTITION נועלת את {table}, את מחיצותיה ואת הטבלאות שמפנות אליה.',
      remedy: 'כתבו DETACH PARTITION … CONCURRENTLY (לא אפשרי כשיש מחיצת DEFAULT).',
    },
  },
  'refresh-not-concurrent': {
    level: 'warning',
    title: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY',
    en: {
      because: 'Nobody can read {table} while it is computed anew.',
      remedy: 'Give it a unique index and write REFRESH MATERIALIZED VIEW CONCURRENTLY.',
    },
    he: {
      because: 'איש אינו יכול לקרוא את {table} בזמן שהיא מחושבת מחדש.',
      remedy: 'הוסיפו לה אינדקס ייחודי וכתבו REFRESH MATERIALIZED VIEW CONCURRENTLY.',
    },
  },
  'scan-under-lock': {
    level: 'warning',
    title: 'Reads a whole table under a lock',
    en: {
      because: 'This reads {table} from end to end under a lock that stops writes.',
      remedy: 'Split it: what takes the lock first, what reads all rows in a later transaction.',
    },
    he: {
      because: 'פקודה זו קוראת את {table} מתחילתה ועד סופה תחת נעילה שעוצרת כתיבות.',
      remedy: 'פצלו: קודם מה שנועל, ובטרנזקציה מאוחרת מה שקורא את כל השורות.',
    },
  },
  'exclusive-lock': {
    level: 'info',
    title: 'Takes ACCESS EXCLUSIVE for a moment',
    en: {
      because: 'This needs {table} for itself.',
      remedy:
        'The engine waits briefly (lock_timeout), steps aside and tries again; keep it in a small migration of its own.',
    },
    he: {
      because: 'פקודה זו צריכה את {table} לעצמה.',
      remedy:
        'המנוע ממתין קצרות (lock_timeout), מפנה מקום ומנסה שוב; השאירו אותה במיגרציה קטנה משלה.',
    },
  },
  'write-lock': {
    level: 'info',
    title: 'Stops writes for a moment',
    en: {
      because: 'This stops writes to {table}.',
      remedy: 'Keep it in a small migration of its own.',
    },
    he: {
      because: 'פקודה זו עוצרת כתיבות ל-{table}.',
      remedy: 'השאירו אותה במיגרציה קטנה משלה.',
    },
  },
  'many-tables-locked': {
    level: 'warning',
    title: 'Locks several tables in one transaction',
    en: {
      because:
        'One transaction locks {tables}: while it waits for one of them it keeps the others.',
      remedy:
        'One migration for each table; or a COMMIT between them, if each part makes sense alone.',
    },
    he: {
      because: 'טרנזקציה אחת נועלת את {tables}: בזמן שהיא ממתינה לאחת היא מחזיקה את האחרות.',
      remedy: 'מיגרציה אחת לכל טבלה; או COMMIT ביניהן, אם לכל חלק יש משמעות לבדו.',
    },
  },
  'work-under-lock': {
    level: 'error',
    title: 'Long work while an earlier statement of the transaction holds a lock',
    en: {
      because:
        'Statement {earlier} of the same transaction holds {tables}, and nobody gets it back before this one is done with {table}.',
      remedy: 'Move this statement into a migration of its own, after the other one.',
    },
    he: {
      because:
        'פקודה {earlier} של אותה טרנזקציה מחזיקה את {tables}, והיא תשוחרר רק כשזו תסיים עם {table}.',
      remedy: 'העבירו פקודה זו למיגרציה משלה, אחרי האחרת.',
    },
  },
  'validate-in-same-transaction': {
    level: 'error',
    title: 'NOT VALID and VALIDATE in one transaction',
    en: {
      because:
        'VALIDATE CONSTRAINT runs in the transaction that still holds the strong lock of statement {earlier}; NOT VALID gains nothing that way.',
      remedy: 'Put VALIDATE CONSTRAINT into a migration of its own, after this one.',
    },
    he: {
      because:
        'VALIDATE CONSTRAINT רצה בטרנזקציה שעדיין מחזיקה את הנעילה החזקה של פקודה {earlier}; כך NOT VALID אינו מועיל.',
      remedy: 'העבירו את VALIDATE CONSTRAINT למיגרציה משלה, אחרי זו.',
    },
  },
  'data-loss': {
    level: 'error',
    title: 'Destroys data without saying so',
    en: {
      because: '{what} {object} is lost for good.',
      remedy:
        'If that is meant, add the header line `-- destructive: yes`: the engine then makes a verified backup first.',
    },
    he: {
      because: '{what} {object} יאבד לתמיד.',
      remedy: 'אם זו הכוונה, הוסיפו לכותרת `-- destructive: yes`: אז המנוע יוצר קודם גיבוי מאומת.',
    },
  },
  'deletes-rows': {
    level: 'warning',
    title: 'Deletes rows',
    en: {
      because: 'This deletes rows of {table}; the empty shadow cannot tell how many.',
      remedy: 'Add the header line `-- destructive: yes`, so that the rows are kept in a backup.',
    },
    he: {
      because: 'פקודה זו מוחקת שורות מ-{table}; הצל הריק אינו יכול לדעת כמה.',
      remedy: 'הוסיפו לכותרת `-- destructive: yes`, כדי שהשורות יישמרו בגיבוי.',
    },
  },
  'breaks-running-version': {
    level: 'error',
    title: 'Takes away what the running version may use',
    en: {
      because:
        '{object} goes away, while processes of the version that is running may still use it.',
      remedy:
        'First release a version that does not use it; then do this in a migration with the header line `-- phase: contract`.',
    },
    he: {
      because: '{object} נעלם, בזמן שתהליכים של הגרסה שרצה עדיין עשויים להשתמש בו.',
      remedy:
        'שחררו קודם גרסה שאינה משתמשת בו; ואז עשו זאת במיגרציה עם הכותרת `-- phase: contract`.',
    },
  },
  renames: {
    level: 'error',
    title: 'Renames what the running version may use',
    en: {
      because:
        '{object} is called {to} afterwards, and queries of the version that is running fail.',
      remedy:
        'Add the new one beside it, let the application use both, and drop the old one in a `phase: contract` migration. For a table: rename it and leave a view under the old name.',
    },
    he: {
      because: '{object} ייקרא {to}, ושאילתות של הגרסה שרצה ייכשלו.',
      remedy:
        'הוסיפו את החדש לצידו, השתמשו בשניהם ביישום, ומחקו את הישן במיגרציה עם `phase: contract`. לטבלה: שנו את שמה והשאירו תצוגה בשם הישן.',
    },
  },
  'required-column': {
    level: 'error',
    title: 'A new NOT NULL column without a default',
    en: {
      because:
        '{object} is NOT NULL without a default: it fails when {table} has rows, and afterwards every INSERT of the running version fails.',
      remedy: 'Give it a default (a constant costs nothing), or add it nullable first.',
    },
    he: {
      because:
        '{object} היא NOT NULL ללא ברירת מחדל: היא נכשלת אם יש שורות ב-{table}, ואחריה כל INSERT של הגרסה שרצה נכשל.',
      remedy: 'תנו לה ברירת מחדל (קבוע אינו עולה דבר), או הוסיפו אותה קודם ללא NOT NULL.',
    },
  },
  'becomes-required': {
    level: 'warning',
    title: 'A column that the running version may leave empty becomes required',
    en: {
      because: '{object} must be given from now on, and the running version may not give it.',
      remedy:
        'Give it a default, or release a version that always writes it first and add the header line `-- phase: contract`.',
    },
    he: {
      because: 'מעתה חובה לתת את {object}, והגרסה שרצה אולי אינה נותנת אותו.',
      remedy:
        'תנו לה ברירת מחדל, או שחררו קודם גרסה שתמיד כותבת אותה והוסיפו לכותרת `-- phase: contract`.',
    },
  },
  'narrows-type': {
    level: 'warning',
    title: 'A column of another type than the running version expects',
    en: {
      because:
        '{object} changes from {from} to {to}, which does not take or give every value as before.',
      remedy:
        'Add a column of the new type beside it, or add the header line `-- phase: contract` when every process knows the new type.',
    },
    he: {
      because: '{object} משתנה מ-{from} ל-{to}, שאינו מקבל או נותן כל ערך כמו קודם.',
      remedy:
        'הוסיפו לצידה עמודה מהטיפוס החדש, או הוסיפו `-- phase: contract` כשכל התהליכים מכירים את הטיפוס החדש.',
    },
  },
  'enum-value-use': {
    level: 'info',
    title: 'A new enum value that is used in the same file',
    en: {
      because:
        'The value {label} of {object} cannot be used before it is committed (55P04), so this file becomes two transactions; statement {user} uses it.',
      remedy:
        'Nothing has to be done; if both must happen together, add the value in an earlier migration.',
    },
    he: {
      because:
        'אי אפשר להשתמש בערך {label} של {object} לפני שנשמר (55P04), ולכן הקובץ הופך לשתי טרנזקציות; פקודה {user} משתמשת בו.',
      remedy: 'אין צורך לעשות דבר; אם שניהם חייבים לקרות יחד, הוסיפו את הערך במיגרציה קודמת.',
    },
  },
  'if-not-exists-hides': {
    level: 'warning',
    title: 'IF NOT EXISTS that does nothing',
    en: {
      because:
        '{object} is there already, so this does nothing; what is there may be something else than what stands here.',
      remedy: 'Remove the statement, or write the ALTER that makes the difference.',
    },
    he: {
      because:
        '{object} כבר קיים, ולכן פקודה זו אינה עושה דבר; מה שקיים עשוי להיות שונה ממה שכתוב כאן.',
      remedy: 'הסירו את הפקודה, או כתבו את ה-ALTER שיוצר את ההבדל.',
    },
  },
  'missing-why': {
    level: 'warning',
    title: 'No reason in the header',
    en: {
      because: 'The header does not say why this migration exists.',
      remedy: 'Begin the file with `-- why: <one sentence>`.',
    },
    he: {
      because: 'הכותרת אינה אומרת לשם מה קיימת המיגרציה.',
      remedy: 'פתחו את הקובץ ב-`-- why: <משפט אחד>`.',
    },
  },
  'timestamp-without-zone': {
    level: 'warning',
    title: 'timestamp to timestamptz without saying which zone',
    en: {
      because:
        '{object} becomes timestamptz, and what its values mean depends on the TimeZone of whoever runs this.',
      remedy: "Say it: using {column} at time zone 'UTC' (or the zone that the values are in).",
    },
    he: {
      because: '{object} הופכת ל-timestamptz, ומשמעות הערכים תלויה ב-TimeZone של מי שמריץ זאת.',
      remedy: "אמרו זאת: using {column} at time zone 'UTC' (או האזור שבו הערכים נכתבו).",
    },
  },
  'collation-reset': {
    level: 'warning',
    title: 'A change of type that forgets the collation',
    en: {
      because:
        '{object} loses its collation {from}, because ALTER TYPE without COLLATE takes the default; its indexes are rebuilt and sort otherwise.',
      remedy: 'Repeat it: alter column {column} type … collate {from}.',
    },
    he: {
      because:
        '{object} מאבדת את הקולציה {from}, כי ALTER TYPE ללא COLLATE לוקחת את ברירת המחדל; האינדקסים שלה נבנים מחדש וממיינים אחרת.',
      remedy: 'חזרו עליה: alter column {column} type … collate {from}.',
    },
  },
  cascade: {
    level: 'warning',
    title: 'CASCADE takes more along than the statement names',
    en: {
      because: 'CASCADE takes along: {list}.',
      remedy: 'Drop them by name, so that readers see it, or say why they may go.',
    },
    he: {
      because: 'CASCADE לוקח איתו: {list}.',
      remedy: 'מחקו אותם בשמם, כדי שהקוראים יראו זאת, או אמרו מדוע מותר להם להיעלם.',
    },
  },
  opaque: {
    level: 'info',
    title: 'Effects that cannot be read from the text',
    en: {
      because: 'What this does cannot be read from its text; only the shadow speaks for it.',
      remedy:
        'Write the statements out where that is possible; else name what they touch with `-- needs:` and `-- defines:`.',
    },
    he: {
      because: 'אי אפשר לקרוא מהטקסט מה פקודה זו עושה; רק הצל מעיד עליה.',
      remedy:
        'כתבו את הפקודות במפורש היכן שאפשר; אחרת ציינו במה הן נוגעות עם `-- needs:` ו-`-- defines:`.',
    },
  },
  'large-update': {
    level: 'warning',
    title: 'Changes all rows of a table in one transaction',
    en: {
      because: 'This goes through all of {table} in one transaction.',
      remedy: `Do it in batches by primary key, one transaction each. ${online}`,
    },
    he: {
      because: 'פקודה זו עוברת על כל {table} בטרנזקציה אחת.',
      remedy: `עשו זאת במנות לפי מפתח ראשי, טרנזקציה לכל מנה. ${onlineHe}`,
    },
  },
  'fires-triggers': {
    level: 'info',
    title: 'Changed rows fire triggers',
    en: {
      because: 'Every row that this changes in {table} fires {list}.',
      remedy:
        'Make sure that it is wanted for old rows (updated_at, queues, notifications); the engine never switches triggers off.',
    },
    he: {
      because: 'כל שורה שפקודה זו משנה ב-{table} מפעילה את {list}.',
      remedy:
        'ודאו שזה רצוי גם לשורות ישנות (updated_at, תורים, הודעות); המנוע לעולם אינו מכבה טריגרים.',
    },
  },
  'ignore-without-reason': {
    level: 'warning',
    title: 'A lint-ignore that says no reason',
    en: {
      because: '`lint-ignore` needs a rule and a reason, so this line has no effect.',
      remedy: 'Write `-- lint-ignore: <rule> <reason>`.',
    },
    he: {
      because: '`lint-ignore` צריך כלל וסיבה, ולכן לשורה זו אין השפעה.',
      remedy: 'כתבו `-- lint-ignore: <rule> <reason>`.',
    },
  },
  'ignore-unused': {
    level: 'info',
    title: 'A lint-ignore that nothing needs',
    en: {
      because: 'Nothing here breaks the rule {ignoredRule}.',
      remedy: 'Remove the line.',
    },
    he: {
      because: 'דבר כאן אינו סותר את הכלל {ignoredRule}.',
      remedy: 'הסירו את השורה.',
    },
  },
} as const satisfies Record<string, LintRule>

export type LintRuleId = keyof typeof lintRules

export function isLintRule(text: string): text is LintRuleId {
  return Object.hasOwn(lintRules, text)
}
