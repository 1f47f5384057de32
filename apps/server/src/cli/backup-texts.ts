import type { Words } from '../config/variables.ts'

export const backupHelp: Words = {
  en: `Usage: studioops backup <command> [options]

Commands:
  create             writes one archive: all rows as they are at one moment, files and configuration,
                     while the product runs. Secrets stay closed; the master key is never in it
  list               which archives there are, the newest first
  verify <archive>   reads all of it and compares every part with the manifest
  restore <archive>  fills a database with it, compares it byte by byte, brings it to this version and
                     puts it in the place of the present one, which is kept under another name.
                     Stop the server and its workers first
                       --rehearse           the same in a scratch database; says what would change
                       --force              also where people of another installation live
  schedule           shows when backups are made by themselves; changes it by
                       --every-hours <n>    1 to 720
                       --keep <n>           how many archives are kept, 1 to 365
                       --off                no more

An archive is the name of one that list shows, or a path.

Options:
  --directory <path>        instead of BACKUP_DIRECTORY
  --passphrase-file <path>  instead of BACKUP_PASSPHRASE; create seals the archive by it
  --json                    one JSON document
  --lang en|he              otherwise as LC_ALL, LC_MESSAGES or LANG say
  --help

Exit codes:
  0  done
  1  refused, damaged, or not everything was there
  3  wrong usage
  4  failed
`,
  he: `שימוש: studioops backup <פקודה> [אפשרויות]

פקודות:
  create             כתיבת ארכיון אחד: כל השורות כפי שהן ברגע אחד, הקבצים והתצורה,
                     גם כשהמוצר פועל. הסודות נשארים סגורים; המפתח הראשי לעולם אינו בפנים
  list               אילו ארכיונים יש, החדש תחילה
  verify <ארכיון>    קריאה של כולו והשוואת כל חלק לרשימת התכולה
  restore <ארכיון>   מילוי מסד נתונים, השוואה בית אחר בית, שדרוג לגרסה זו
                     והצבה במקום מסד הנתונים הנוכחי, שנשמר בשם אחר.
                     יש לעצור תחילה את השרת ואת העובדים שלו
                       --rehearse           אותו דבר במסד נתונים זמני; מה היה משתנה
                       --force              גם כאשר יש שם אנשים של התקנה אחרת
  schedule           מתי גיבויים נעשים מעצמם; לשינוי:
                       --every-hours <n>    1 עד 720
                       --keep <n>           כמה ארכיונים נשמרים, 1 עד 365
                       --off                לא עוד

ארכיון הוא שם מתוך list, או נתיב.

אפשרויות:
  --directory <נתיב>        במקום BACKUP_DIRECTORY
  --passphrase-file <נתיב>  במקום BACKUP_PASSPHRASE; create חותם בו את הארכיון
  --json                    מסמך JSON אחד
  --lang en|he              אחרת לפי LC_ALL, LC_MESSAGES או LANG
  --help

קודי יציאה:
  0  בוצע
  1  סורב, פגום, או שלא הכול היה קיים
  3  שימוש שגוי
  4  נכשל
`,
}

export const backupTexts = {
  written: { en: 'Written: ', he: 'נכתב: ' },
  counts: (rows: number, tables: number, files: number): Words => ({
    en: `${rows} rows of ${tables} tables, ${files} files`,
    he: `${rows} שורות ב־${tables} טבלאות, ${files} קבצים`,
  }),
  sealed: { en: 'sealed', he: 'חתום' },
  open: { en: 'not sealed', he: 'לא חתום' },
  missing: {
    en: 'The store did not have these objects; they are not in the archive:',
    he: 'אובייקטים אלה לא נמצאו באחסון ואינם בארכיון:',
  },
  keys: {
    en: 'Its secrets open with the master key of this fingerprint; keep that key elsewhere: ',
    he: 'הסודות שבו נפתחים במפתח הראשי בעל טביעת האצבע הזו; יש לשמור את המפתח במקום אחר: ',
  },
  none: { en: 'There are no archives in ', he: 'אין ארכיונים ב־' },
  whole: { en: 'The archive is whole: ', he: 'הארכיון שלם: ' },
  rehearsed: {
    en: 'The rehearsal went well; nothing was changed. A restore would change:',
    he: 'החזרה הצליחה; דבר לא שונה. שחזור היה משנה:',
  },
  restored: { en: 'Restored and compared byte by byte: ', he: 'שוחזר והושווה בית אחר בית: ' },
  noChange: { en: 'no count of rows', he: 'אף מספר שורות' },
  kept: {
    en: 'The database that was there is kept as: ',
    he: 'מסד הנתונים שהיה נשמר בשם: ',
  },
  keyHere: {
    en: 'The master key that opens its secrets is here.',
    he: 'המפתח הראשי שפותח את הסודות נמצא כאן.',
  },
  keyMissing: {
    en: 'Its secrets stay locked until the master key of this fingerprint is given (STUDIOOPS_MASTER_KEY, or keys/master.key of the data directory): ',
    he: 'הסודות יישארו נעולים עד שיינתן המפתח הראשי בעל טביעת האצבע הזו (STUDIOOPS_MASTER_KEY, או keys/master.key בתיקיית הנתונים): ',
  },
  settings: {
    en: 'These settings were others then:',
    he: 'ההגדרות האלה היו אחרות אז:',
  },
  schedule: (hours: number, keep: number): Words => ({
    en: `Backups are made every ${hours} hours; the newest ${keep} are kept.`,
    he: `גיבויים נעשים כל ${hours} שעות; ${keep} החדשים נשמרים.`,
  }),
  off: { en: 'No backups are made by themselves.', he: 'לא נעשים גיבויים מעצמם.' },
  steps: {
    verifying: { en: 'Reading the archive…', he: 'הארכיון נקרא…' },
    filling: { en: 'Filling a database of its own…', he: 'מסד נתונים נפרד מתמלא…' },
    comparing: { en: 'Comparing byte by byte…', he: 'השוואה בית אחר בית…' },
    upgrading: { en: 'Bringing it to this version…', he: 'שדרוג לגרסה זו…' },
    exchanging: { en: 'Putting it into its place…', he: 'הצבה במקומו…' },
  },
} as const
