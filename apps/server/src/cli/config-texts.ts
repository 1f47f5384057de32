import type { Words } from '../config/variables.ts'

export const configHelp: Words = {
  en: `Usage: studioops config <command> [options]

Commands:
  setup           write a .env of this folder, readable by you alone, with a master key of its own
                    --env development|production   which of the two (asked for on a terminal)
                    --force                        replace a .env that is there; the old one is kept as .env.old
  validate        tell every problem of the environment, of .env and of the files of the company model
                    --strict                       a name that does nothing is a problem too
  check-services  try what the product needs: data directory, ports, database, Jira, company model
  print           show what holds and where each value comes from; secrets are masked

Options:
  --lang en|he    otherwise as LC_ALL, LC_MESSAGES or LANG say
  --help

Exit codes:
  0  fine
  1  problems were found
  3  wrong usage, or a file is there already
  4  something failed that has nothing to do with the configuration
`,
  he: `שימוש: studioops config <פקודה> [אפשרויות]

פקודות:
  setup           כתיבת קובץ .env בתיקייה זו, לקריאה שלך בלבד, עם מפתח ראשי משלו
                    --env development|production   איזה מהשניים (במסוף תישאל שאלה)
                    --force                        החלפת .env קיים; הישן נשמר בשם .env.old
  validate        כל הבעיות בסביבה, ב־.env ובקובצי המודל הארגוני
                    --strict                       גם שם שאינו בשימוש הוא בעיה
  check-services  בדיקת מה שהמוצר צריך: תיקיית נתונים, פורטים, מסד נתונים, Jira, מודל ארגוני
  print           מה בתוקף ומאין הגיע כל ערך; סודות מוסתרים

אפשרויות:
  --lang en|he    אחרת לפי LC_ALL, LC_MESSAGES או LANG
  --help

קודי יציאה:
  0  תקין
  1  נמצאו בעיות
  3  שימוש שגוי, או שהקובץ כבר קיים
  4  כשל שאינו קשור לתצורה
`,
}

export const configTexts = {
  valid: { en: 'The configuration is valid.', he: 'התצורה תקינה.' },
  broken: { en: 'To correct:', he: 'לתיקון:' },
  strays: { en: 'Set, and without effect:', he: 'מוגדר וחסר השפעה:' },
  read: { en: 'Read: the environment', he: 'נקרא: הסביבה' },
  companyModel: { en: 'Files of the company model:', he: 'קובצי המודל הארגוני:' },
  exists: {
    en: '.env is there already and was not changed. Use --force to replace it.',
    he: 'קובץ .env כבר קיים ולא שונה. אפשר להחליף אותו עם --force.',
  },
  which: {
    en: 'Say which: --env development or --env production.',
    he: 'יש לציין: --env development או --env production.',
  },
  askEnvironment: { en: 'development or production? ', he: 'development או production? ' },
  askUrl: {
    en: 'Address that people will type (https://…; empty for this machine alone): ',
    he: 'הכתובת שאנשים יקלידו (https://…; ריק עבור מחשב זה בלבד): ',
  },
  written: { en: 'Written, readable by you alone: ', he: 'נכתב, לקריאה שלך בלבד: ' },
  keyMade: {
    en: 'It holds a new master key. Keep a copy elsewhere: without it the stored secrets stay locked.',
    he: 'הקובץ מכיל מפתח ראשי חדש. יש לשמור עותק במקום אחר: בלעדיו הסודות השמורים יישארו נעולים.',
  },
  keyKept: {
    en: 'The master key that is in the data directory stays in use.',
    he: 'המפתח הראשי שבתיקיית הנתונים נשאר בשימוש.',
  },
  next: {
    en: 'Next: studioops config check-services, then npm start.',
    he: 'כעת: studioops config check-services, ולאחר מכן npm start.',
  },
  allWell: { en: 'Everything that the product needs is there.', he: 'כל מה שהמוצר צריך זמין.' },
  someFail: { en: 'Not everything is there; see above.', he: 'לא הכול זמין; ראו למעלה.' },
} as const satisfies Record<string, Words>
