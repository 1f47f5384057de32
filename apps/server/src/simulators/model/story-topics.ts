import type { StoryLanguage } from './story-prompt.ts'

export type Scenario = {
  readonly name: string
  readonly given: string
  readonly when: string
  readonly then: string
}

export type Criterion = {
  readonly text: string
  readonly scenario: Scenario
  /** Test data that it needs. */
  readonly data?: string
}

type Topic = { readonly pattern: RegExp } & Readonly<Record<StoryLanguage, Criterion>>

/** What experienced people ask for when a requirement touches one of these. */
const topics: readonly Topic[] = [
  {
    pattern: /\bcards?\b|כרטיס(?!י?יי?ה)|אשראי/iu,
    en: {
      text: 'Only the last four digits of a card are ever shown; the full number is neither stored nor logged.',
      scenario: {
        name: 'Card details stay private',
        given: 'a card has been entered',
        when: 'the page, the receipt and the log are looked at',
        then: 'they show the last four digits and nothing more of the number',
      },
      data: 'Test cards of the payment provider: accepted, refused, expired.',
    },
    he: {
      text: 'מוצגות רק ארבע הספרות האחרונות של הכרטיס; המספר המלא אינו נשמר ואינו נכתב ליומן.',
      scenario: {
        name: 'פרטי הכרטיס נשארים חסויים',
        given: 'הוזן כרטיס',
        when: 'בודקים את הדף, את הקבלה ואת היומן',
        then: 'מופיעות בהם ארבע הספרות האחרונות בלבד',
      },
      data: 'כרטיסי בדיקה של הסולק: מאושר, מסורב ופג תוקף.',
    },
  },
  {
    pattern: /payment|\bpay\b|checkout|refund|invoice|תשלום|לשלם|קופה|זיכוי|החזר|חשבונית/iu,
    en: {
      text: 'Pressing the button twice, or losing the connection, never leads to two payments.',
      scenario: {
        name: 'One payment only',
        given: 'the button has been pressed and the connection breaks',
        when: 'it is pressed again',
        then: 'there is exactly one payment, and its state is shown',
      },
      data: 'Amounts with and without agorot, a refund, a payment in a foreign currency.',
    },
    he: {
      text: 'לחיצה כפולה או ניתוק באמצע לעולם אינם גורמים לשני חיובים.',
      scenario: {
        name: 'חיוב אחד בלבד',
        given: 'הכפתור נלחץ והחיבור נותק',
        when: 'לוחצים עליו שוב',
        then: 'קיים חיוב אחד בדיוק, ומצבו מוצג',
      },
      data: 'סכומים עם אגורות ובלעדיהן, זיכוי, ותשלום במטבע זר.',
    },
  },
  {
    pattern: /log ?in|sign ?in|password|authenticat|כניסה|התחברות|להתחבר|להיכנס|סיסמ|אימות/iu,
    en: {
      text: 'After five failed attempts the account is locked for 15 minutes, and a message says so without telling which part was wrong.',
      scenario: {
        name: 'Too many failed attempts',
        given: 'five attempts have failed',
        when: 'a sixth one is made with the right details',
        then: 'it is refused, and the message says when to try again',
      },
      data: 'Accounts: active, locked, without the second factor.',
    },
    he: {
      text: 'לאחר חמישה ניסיונות כושלים החשבון ננעל ל־15 דקות, והודעה אומרת זאת בלי לגלות איזה פרט היה שגוי.',
      scenario: {
        name: 'יותר מדי ניסיונות כושלים',
        given: 'נכשלו חמישה ניסיונות',
        when: 'נעשה ניסיון שישי עם הפרטים הנכונים',
        then: 'הוא נדחה, וההודעה אומרת מתי אפשר לנסות שוב',
      },
      data: 'חשבונות: פעיל, נעול, וללא גורם אימות שני.',
    },
  },
  {
    pattern: /export|csv|excel|report|download|ייצוא|לייצא|אקסל|דוח|דו"ח|להוריד|הורדה/iu,
    en: {
      text: 'The file opens in a spreadsheet with Hebrew text, dates and amounts intact, and holds the same rows as the page.',
      scenario: {
        name: 'The file equals the page',
        given: 'a filtered list with Hebrew names is shown',
        when: 'the file is made and opened in a spreadsheet',
        then: 'it holds the same rows, and every letter, date and amount is right',
      },
      data: 'A list with Hebrew and English names, 0, 1 and 10,000 rows.',
    },
    he: {
      text: 'הקובץ נפתח בגיליון אלקטרוני כשהעברית, התאריכים והסכומים תקינים, ובו אותן שורות שבדף.',
      scenario: {
        name: 'הקובץ זהה לדף',
        given: 'מוצגת רשימה מסוננת עם שמות בעברית',
        when: 'הקובץ נוצר ונפתח בגיליון אלקטרוני',
        then: 'מופיעות בו אותן שורות, וכל אות, תאריך וסכום נכונים',
      },
      data: 'רשימה עם שמות בעברית ובאנגלית, באורך 0, 1 ו־10,000 שורות.',
    },
  },
  {
    pattern: /e-?mail|\bsms\b|notif|remind|text message|מייל|דוא"ל|מסרון|הודעת טקסט|התרא|תזכורת/iu,
    en: {
      text: 'Each message is sent once, also when sending has to be tried again, and can be switched off.',
      scenario: {
        name: 'No message twice',
        given: 'the message service answers too late',
        when: 'sending is tried again',
        then: 'the message arrives once',
      },
      data: 'An address that works, one that refuses, and a person who has switched messages off.',
    },
    he: {
      text: 'כל הודעה נשלחת פעם אחת, גם כשצריך לנסות לשלוח שוב, ואפשר לבטל את קבלתה.',
      scenario: {
        name: 'אין הודעה כפולה',
        given: 'שירות ההודעות עונה באיחור',
        when: 'השליחה מתבצעת שוב',
        then: 'ההודעה מגיעה פעם אחת',
      },
      data: 'כתובת תקינה, כתובת שמסרבת, וחשבון שבו ההודעות כבויות.',
    },
  },
  {
    pattern: /search|filter|sort|\bfind\b|חיפוש|לחפש|סינון|לסנן|מיון|למצוא/iu,
    en: {
      text: 'When nothing is found, the page says so and offers to clear the filters.',
      scenario: {
        name: 'Nothing found',
        given: 'filters that fit nothing are set',
        when: 'the list is shown',
        then: 'a sentence says that nothing was found, with a button that clears the filters',
      },
      data: 'Entries that match by a word, by part of a word, and in the other language.',
    },
    he: {
      text: 'כשלא נמצא דבר, הדף אומר זאת ומציע לנקות את הסינון.',
      scenario: {
        name: 'לא נמצאו תוצאות',
        given: 'נבחר סינון שאינו מתאים לדבר',
        when: 'הרשימה מוצגת',
        then: 'משפט אומר שלא נמצאו תוצאות, ולידו כפתור לניקוי הסינון',
      },
      data: 'רשומות שמתאימות לפי מילה שלמה, לפי חלק ממילה ובשפה השנייה.',
    },
  },
  {
    pattern: /upload|attach|\bfiles?\b|\bimages?\b|photo|העלאה|להעלות|קובץ|קבצים|תמונ|צילום/iu,
    en: {
      text: 'A file that is too large or of another type is refused before it is sent, and the message names the limit.',
      scenario: {
        name: 'Wrong file',
        given: 'a file above the limit has been chosen',
        when: 'it is about to be sent',
        then: 'it is refused, and the message names the limit and the allowed types',
      },
      data: 'Files just below and above the limit, an allowed and a forbidden type, a Hebrew file name.',
    },
    he: {
      text: 'קובץ גדול מדי או מסוג אחר נדחה עוד לפני השליחה, וההודעה מציינת את המגבלה.',
      scenario: {
        name: 'קובץ לא מתאים',
        given: 'נבחר קובץ שחורג מהמגבלה',
        when: 'הוא עומד להישלח',
        then: 'הוא נדחה, וההודעה מציינת את המגבלה ואת הסוגים המותרים',
      },
      data: 'קבצים מעט מתחת למגבלה ומעט מעליה, סוג מותר וסוג אסור, ושם קובץ בעברית.',
    },
  },
  {
    pattern: /delet|remove|cancel|מחיק|למחוק|ביטול|לבטל|הסר/iu,
    en: {
      text: 'Before anything is deleted or cancelled, one question says what will be lost and whether it can be undone.',
      scenario: {
        name: 'Asked before it is gone',
        given: 'something that can be deleted is open',
        when: 'deleting is chosen',
        then: 'one question names what will be lost, and nothing happens before it is confirmed',
      },
    },
    he: {
      text: 'לפני מחיקה או ביטול מוצגת שאלה אחת שאומרת מה יאבד ואם אפשר לשחזר.',
      scenario: {
        name: 'שאלה לפני מחיקה',
        given: 'פתוח פריט שאפשר למחוק',
        when: 'נבחרת מחיקה',
        then: 'שאלה אחת אומרת מה יאבד, ודבר אינו קורה לפני האישור',
      },
    },
  },
  {
    pattern:
      /\bdates?\b|calendar|schedul|booking|appointment|deadline|תאריך|יומן|לוח שנה|(?<!\p{L})ה?תור(?:ים)?(?!\p{L})|הזמנ|מועד/iu,
    en: {
      text: "Dates and times are shown in the person's own time zone and language.",
      scenario: {
        name: 'Right time everywhere',
        given: 'two people in different time zones look at the same entry',
        when: 'its time is shown',
        then: 'each of them sees the same moment in the own time zone',
      },
      data: 'Dates around midnight, at the end of a month and at a clock change.',
    },
    he: {
      text: 'תאריכים ושעות מוצגים לפי אזור הזמן והשפה של החשבון.',
      scenario: {
        name: 'השעה נכונה בכל מקום',
        given: 'שני חשבונות באזורי זמן שונים צופים באותה רשומה',
        when: 'השעה שלה מוצגת',
        then: 'בכל חשבון מוצג אותו רגע לפי אזור הזמן שלו',
      },
      data: 'תאריכים סביב חצות, בסוף חודש ובמעבר בין שעון קיץ לחורף.',
    },
  },
  {
    pattern: /mobile|phone|tablet|נייד|טלפון|סלולר|טאבלט/iu,
    en: {
      text: 'Everything can be done with a finger on a screen 360 pixels wide, without scrolling sideways.',
      scenario: {
        name: 'On a phone',
        given: 'a phone with a screen 360 pixels wide',
        when: 'the whole way is walked with a finger',
        then: 'nothing is cut off and nothing scrolls sideways',
      },
    },
    he: {
      text: 'אפשר לבצע הכול באצבע במסך ברוחב 360 פיקסלים, בלי גלילה לצדדים.',
      scenario: {
        name: 'בטלפון',
        given: 'טלפון עם מסך ברוחב 360 פיקסלים',
        when: 'עוברים את כל המסלול באצבע',
        then: 'דבר אינו נחתך ואין גלילה לצדדים',
      },
    },
  },
]

const topicsMax = 3

/** The criteria of up to three topics that a requirement touches. */
export function criteriaOfTopics(text: string, language: StoryLanguage): Criterion[] {
  return topics
    .filter(({ pattern }) => pattern.test(text))
    .slice(0, topicsMax)
    .map((topic) => topic[language])
}
