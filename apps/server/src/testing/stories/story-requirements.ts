import type { RuleSetting, StoryRule } from '@studioops/contracts/story-rules'

/** One requirement of Story Bench with the rules that its stories are held to. */
export type BenchRequirement = {
  readonly id: string
  readonly language: 'en' | 'he'
  readonly format: 'classic' | 'bdd'
  readonly requirement: string
  readonly rules: RuleSetName
}

export type RuleSetName = 'shipped' | 'small' | 'short' | 'wide' | 'worded'

/** How teams differ: what one person would set in the panel. */
export const ruleSets: Readonly<
  Record<RuleSetName, Readonly<Partial<Record<StoryRule, RuleSetting>>>>
> = {
  shipped: {},
  small: { 'points.limit': { params: { max: 2 } }, 'invest.small': { params: { criteria: 8 } } },
  short: {
    'summary.length': { params: { max: 110 } },
    'texts.length': { params: { criterion: 300 } },
  },
  wide: { 'points.limit': { params: { max: 5 } }, 'invest.independent': { mode: 'block' } },
  worded: {
    'wording.forbidden': { params: { words: ['TBD', 'TODO', 'leverage', 'synergy', 'טרם נקבע'] } },
    'invest.estimable': { mode: 'block' },
  },
}

type Theme = { readonly wish: string; readonly more: readonly string[] }

const themes: Readonly<Record<'en' | 'he', readonly Theme[]>> = {
  en: [
    {
      wish: 'A customer pays for a saved cart with a Visa card',
      more: [
        'The card is charged once',
        'A failed payment is explained',
        'The receipt is sent by e-mail within a minute',
        'The amount is shown in shekels',
        'A saved card can be removed',
        'Payments above 5,000 ask for a code',
      ],
    },
    {
      wish: 'An accountant exports the open invoices as a spreadsheet',
      more: [
        'The file is named after the month',
        'Paid invoices are left out',
        'Amounts keep their currency',
        '10,000 rows are ready in 5 seconds',
        'The file is kept for 30 days',
        'A second press begins no second export',
      ],
    },
    {
      wish: 'A team lead moves an employee to another shift',
      more: [
        'Both shifts show the change at once',
        'The employee is told by message',
        'A shift never has fewer than 2 people',
        'The change can be taken back for an hour',
        'Moves are listed by week',
        'Nobody is moved during leave',
      ],
    },
    {
      wish: 'A nurse records the temperature of a patient',
      more: [
        'Values outside 34 to 43 are refused',
        'The time is filled in by itself',
        'A correction keeps the old value',
        'A chart shows the last 7 days',
        'Fever above 39 alerts the doctor',
        'Records work without a network',
      ],
    },
    {
      wish: 'A courier confirms a delivery with a photo',
      more: [
        'The photo is at most 5 MB',
        'The place is stored with it',
        'Without a network it is sent later',
        'The customer sees it within a minute',
        'A missing photo asks for a reason',
        'Photos are deleted after 90 days',
      ],
    },
    {
      wish: 'An administrator invites people from a list of addresses',
      more: [
        'Addresses that are there already are skipped',
        'Each invitation ends after 7 days',
        'Bad addresses are listed by line',
        'At most 500 are sent at once',
        'Invitations can be withdrawn',
        'Everybody gets the role that was chosen',
      ],
    },
    {
      wish: 'A student registers for a course',
      more: [
        'A full course offers a waiting list',
        'Two courses at one time are refused',
        'The fee is shown before the press',
        'A place is held for 15 minutes',
        'The teacher sees the new list',
        'Registration closes 3 days before',
      ],
    },
    {
      wish: 'A buyer compares three offers side by side',
      more: [
        'Prices include the tax',
        'Missing values are marked',
        'The cheapest is marked by sign and colour',
        'The comparison can be printed',
        'Offers older than 30 days are told',
        'A note can be written for each',
      ],
    },
    {
      wish: 'A tester attaches a recording to a bug',
      more: [
        'Recordings up to 100 MB are taken',
        'Upload goes on after a cut',
        'Passwords on the screen are hidden',
        'The length is shown',
        'A recording can be replaced',
        'Viewers need the right of the project',
      ],
    },
    {
      wish: 'A manager sees which budgets are nearly used up',
      more: [
        'The limit is 80 percent',
        'The list is sorted by what is left',
        'Each line opens its purchases',
        'Currencies are never added',
        'A weekly mail holds the same list',
        'Closed projects are left out',
      ],
    },
  ],
  he: [
    {
      wish: 'לקוחות רוצים לשלם על עגלה שמורה בכרטיס ויזה',
      more: [
        'הכרטיס מחויב פעם אחת',
        'תשלום שנכשל מוסבר',
        'הקבלה נשלחת בדואר אלקטרוני בתוך דקה',
        'הסכום מוצג בשקלים',
        'אפשר להסיר כרטיס שמור',
        'תשלום מעל 5,000 דורש קוד',
      ],
    },
    {
      wish: 'צוות הנהלת החשבונות רוצה לייצא את החשבוניות הפתוחות לגיליון',
      more: [
        'שם הקובץ כולל את החודש',
        'חשבוניות ששולמו אינן נכללות',
        'סכומים נשמרים במטבע המקור',
        '10,000 שורות מוכנות בתוך 5 שניות',
        'הקובץ נשמר 30 יום',
        'לחיצה שנייה אינה מתחילה ייצוא נוסף',
      ],
    },
    {
      wish: 'ראש צוות רוצה להעביר עובדים למשמרת אחרת',
      more: [
        'שתי המשמרות מציגות את השינוי מיד',
        'הודעה נשלחת לעובדים',
        'במשמרת יש תמיד לפחות 2 אנשים',
        'אפשר לבטל את ההעברה במשך שעה',
        'ההעברות מוצגות לפי שבוע',
        'אין העברה בזמן חופשה',
      ],
    },
    {
      wish: 'צוות האחיות רוצה לרשום את חום המטופלים',
      more: [
        'ערכים מחוץ לטווח 34 עד 43 נדחים',
        'השעה ממולאת מעצמה',
        'תיקון שומר את הערך הקודם',
        'גרף מציג את 7 הימים האחרונים',
        'חום מעל 39 מתריע לרופאים',
        'הרישום פועל גם ללא רשת',
      ],
    },
    {
      wish: 'שליחים רוצים לאשר מסירה בעזרת תמונה',
      more: [
        'התמונה עד 5 MB',
        'המיקום נשמר איתה',
        'ללא רשת היא נשלחת מאוחר יותר',
        'הלקוח רואה אותה בתוך דקה',
        'ללא תמונה נדרשת סיבה',
        'תמונות נמחקות אחרי 90 יום',
      ],
    },
    {
      wish: 'מנהלי המערכת רוצים להזמין אנשים מרשימת כתובות',
      more: [
        'כתובות קיימות מדולגות',
        'כל הזמנה פגה אחרי 7 ימים',
        'כתובות שגויות מוצגות לפי שורה',
        'נשלחות לכל היותר 500 בבת אחת',
        'אפשר לבטל הזמנה',
        'כל מוזמן מקבל את התפקיד שנבחר',
      ],
    },
    {
      wish: 'סטודנטים רוצים להירשם לקורס',
      more: [
        'קורס מלא מציע רשימת המתנה',
        'שני קורסים באותה שעה נדחים',
        'המחיר מוצג לפני האישור',
        'המקום נשמר 15 דקות',
        'המרצה רואה את הרשימה החדשה',
        'ההרשמה נסגרת 3 ימים לפני הפתיחה',
      ],
    },
    {
      wish: 'קניינים רוצים להשוות שלוש הצעות זו לצד זו',
      more: [
        'המחירים כוללים מס',
        'ערכים חסרים מסומנים',
        'ההצעה הזולה מסומנת בסימן ובצבע',
        'אפשר להדפיס את ההשוואה',
        'הצעות מלפני יותר מ־30 יום מצוינות',
        'אפשר לכתוב הערה לכל הצעה',
      ],
    },
    {
      wish: 'בודקים רוצים לצרף הקלטה לתקלה',
      more: [
        'מתקבלות הקלטות עד 100 MB',
        'ההעלאה ממשיכה אחרי ניתוק',
        'סיסמאות על המסך מוסתרות',
        'אורך ההקלטה מוצג',
        'אפשר להחליף הקלטה',
        'הצפייה דורשת הרשאה לפרויקט',
      ],
    },
    {
      wish: 'מנהלים רוצים לראות אילו תקציבים כמעט נוצלו',
      more: [
        'הסף הוא 80 אחוז',
        'הרשימה ממוינת לפי היתרה',
        'כל שורה פותחת את הרכישות שלה',
        'מטבעות אינם מסוכמים יחד',
        'הודעה שבועית כוללת את אותה רשימה',
        'פרויקטים סגורים אינם נכללים',
      ],
    },
  ],
}

const names = Object.keys(ruleSets)

/** How many further sentences a requirement has: from two lines to more than one story. */
const lengths = [0, 1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 2, 6] as const

/** 300 requirements, half of them Hebrew, always the same in the same order. */
export function storyRequirements(): BenchRequirement[] {
  return (['en', 'he'] as const).flatMap((language) =>
    themes[language].flatMap(({ wish, more }, theme) =>
      lengths.map((length, index): BenchRequirement => {
        const first = (theme + index) % more.length
        const said = [...more.slice(first), ...more.slice(0, first)].slice(0, length)
        return {
          id: `${language}-${theme + 1}-${index + 1}`,
          language,
          format: index % 3 === 0 ? 'bdd' : 'classic',
          requirement: [wish, ...said].map((sentence) => `${sentence}.`).join(' '),
          // The keys are those of the sets.
          rules: (names[(theme + index) % names.length] ?? 'shipped') as RuleSetName,
        }
      }),
    ),
  )
}
