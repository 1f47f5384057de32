import { lowerFirst, upperFirst, type Requirement, type Wish } from './requirement.ts'
import type { StoryLanguage } from './story-prompt.ts'
import type { Criterion } from './story-topics.ts'

export type Notes = {
  readonly scope: string
  readonly data: string
  readonly environments: string
  readonly cases: string
  readonly entryCriteria: string
  readonly exitCriteria: string
}

/** Everything that a story says beside the words of its requirement, in one language. */
export type Phrases = {
  readonly narrative: (requirement: Requirement) => {
    readonly asA: string
    readonly iWant: string
    readonly soThat: string
  }
  readonly summary: (requirement: Requirement) => string
  readonly mainCriterion: (requirement: Requirement) => Criterion
  readonly statement: (text: string, requirement: Requirement) => Criterion
  readonly always: (requirement: Requirement) => readonly Criterion[]
  readonly cardSchemes: (answer: string) => Criterion
  readonly notes: (facts: {
    readonly summary: string
    readonly project: string | undefined
    readonly data: readonly string[]
    readonly criteria: number
  }) => Notes
  readonly askCardScheme: { readonly question: string; readonly options: readonly string[] }
  readonly askMore: (requirement: string) => {
    readonly question: string
    readonly options: readonly string[]
  }
}

type ByWish = Readonly<Record<Wish['kind'], (text: string) => string>>

const article = (noun: string): string => `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
const actorOf = ({ actor }: Requirement): string =>
  actor === undefined ? 'a person who works with the system' : article(actor)

const wants: ByWish = {
  do: (text) => `to ${text}`,
  have: (text) => `to have ${text}`,
  system: (text) => `the system to ${text}`,
  rely: (text) => `to rely on this: ${text}`,
}
const acts: ByWish = {
  do: (text) => `I ${text}`,
  have: (text) => `I use ${text}`,
  system: (text) => `the moment has come to ${text}`,
  rely: () => 'I use what is new',
}

const english: Phrases = {
  narrative: (requirement) => ({
    asA: actorOf(requirement),
    iWant: wants[requirement.wish.kind](requirement.wish.text),
    soThat:
      requirement.benefit ?? 'I reach my goal without manual work and without waiting for others',
  }),
  summary: ({ wish }) => upperFirst(wish.text),
  mainCriterion: (requirement) => {
    const { wish } = requirement
    const texts: ByWish = {
      do: (text) =>
        `${upperFirst(actorOf(requirement))} can ${text}, and a confirmation says that it worked.`,
      have: (text) => `The product offers ${text}, and it works from the first step to the last.`,
      system: (text) => `The system must ${text}.`,
      rely: (text) => `${upperFirst(text)}.`,
    }
    return {
      text: texts[wish.kind](wish.text),
      scenario: {
        name: 'The normal case',
        given: `I am signed in as ${actorOf(requirement)}`,
        when: acts[wish.kind](wish.text),
        then: 'it is done, and a confirmation says so',
      },
    }
  },
  statement: (text, requirement) => ({
    text: `${upperFirst(text)}.`,
    scenario: {
      name: upperFirst(text),
      given: `I am signed in as ${actorOf(requirement)}`,
      when: acts[requirement.wish.kind](requirement.wish.text),
      then: lowerFirst(text),
    },
  }),
  always: ({ wish }) => [
    {
      text: 'When it fails, a message says what happened and what to do, and nothing is left half done.',
      scenario: {
        name: 'A failure in between',
        given: 'a service behind it cannot be reached',
        when: acts[wish.kind](wish.text),
        then: 'a message says what happened and what to do, and nothing is left half done',
      },
    },
    {
      text: 'Without the permission the action is not offered, and a direct call is refused.',
      scenario: {
        name: 'Without the permission',
        given: 'I am signed in without the permission',
        when: 'I open the page or call the address directly',
        then: 'the action is not offered, and the call is refused',
      },
    },
    {
      text: 'Everything is usable with the keyboard alone, in Hebrew and in English.',
      scenario: {
        name: 'Keyboard and both languages',
        given: 'the page is open in Hebrew, then in English',
        when: 'I go the whole way with the keyboard',
        then: 'every step can be reached, and its texts are in the chosen language',
      },
    },
  ],
  cardSchemes: (answer) => ({
    text: `Accepted cards: ${answer}. Any other card is refused with a message that names them.`,
    scenario: {
      name: 'Accepted cards',
      given: `the accepted cards are: ${answer}`,
      when: 'a card of another kind is entered',
      then: 'it is refused, and the message names the accepted cards',
    },
    data: `Cards: ${answer}, and one of another kind.`,
  }),
  notes: ({ summary, project, data, criteria }) => ({
    scope: `In scope: ${summary}. Out of scope: changes to other pages and to existing data.`,
    data: ['Two people with different permissions; names in Hebrew and in English.', ...data].join(
      ' ',
    ),
    environments: `${project === undefined ? 'The test environment' : `The test environment of project ${project}`}; current Chrome, Firefox and Safari; one phone.`,
    cases: `${criteria} cases, one for each acceptance criterion; besides: leaving in the middle, pressing twice, losing the connection.`,
    entryCriteria:
      'The criteria are agreed on, the build is installed in the test environment, and the test data is loaded.',
    exitCriteria:
      'All cases pass, no fault above minor is open, and the product owner has seen it work.',
  }),
  askCardScheme: {
    question: 'Which card schemes should be accepted?',
    options: [
      'Visa and Mastercard',
      'Visa, Mastercard and American Express',
      'Every scheme that the payment provider supports',
    ],
  },
  askMore: (requirement) => {
    const topic = lowerFirst(requirement)
    return {
      question: 'This is too short to write a story from. Who needs it, and what should happen?',
      options: [
        `Customers can use ${topic} on their own`,
        `Administrators can manage ${topic}`,
        `Team members can see ${topic} at a glance`,
      ],
    }
  },
}

const hebrewActor = ({ actor }: Requirement): string => actor ?? 'צוות שעובד עם המערכת'

const hebrewWants: ByWish = {
  do: (text) => text,
  have: (text) => `לקבל ${text}`,
  system: (text) => `שהמערכת תדע ${text}`,
  rely: (text) => `להסתמך על כך: ${text}`,
}
const hebrewActs: ByWish = {
  do: (text) => `מתבצעת הפעולה: ${text}`,
  have: (text) => `נעשה שימוש ביכולת: ${text}`,
  system: (text) => `מגיע הרגע ${text}`,
  rely: () => 'נעשה שימוש ביכולת החדשה',
}

const hebrew: Phrases = {
  narrative: (requirement) => ({
    asA: hebrewActor(requirement),
    iWant: hebrewWants[requirement.wish.kind](requirement.wish.text),
    soThat: requirement.benefit ?? 'המטרה תושג בלי עבודה ידנית ובלי להמתין לאחרים',
  }),
  summary: ({ wish }) => {
    const texts: ByWish = {
      do: (text) => `אפשרות ${text}`,
      have: (text) => text,
      system: (text) => `המערכת יודעת ${text}`,
      rely: (text) => text,
    }
    return texts[wish.kind](wish.text)
  },
  mainCriterion: ({ wish }) => {
    const texts: ByWish = {
      do: (text) => `אפשר ${text}, ובסיום מוצגת הודעת אישור.`,
      have: (text) => `במערכת יש ${text}, והכול עובד מהצעד הראשון ועד האחרון.`,
      system: (text) => `המערכת יודעת ${text}.`,
      rely: (text) => `${text}.`,
    }
    return {
      text: texts[wish.kind](wish.text),
      scenario: {
        name: 'המקרה הרגיל',
        given: 'חשבון פעיל עם ההרשאה המתאימה מחובר למערכת',
        when: hebrewActs[wish.kind](wish.text),
        then: 'הפעולה מסתיימת, ומוצגת הודעת אישור',
      },
    }
  },
  statement: (text, { wish }) => ({
    text: `${text}.`,
    scenario: {
      name: text,
      given: 'חשבון פעיל עם ההרשאה המתאימה מחובר למערכת',
      when: hebrewActs[wish.kind](wish.text),
      then: text,
    },
  }),
  always: ({ wish }) => [
    {
      text: 'כשהפעולה נכשלת מוצג הסבר מה קרה ומה אפשר לעשות, ודבר אינו נשאר חצי גמור.',
      scenario: {
        name: 'תקלה באמצע',
        given: 'שירות שהפעולה נשענת עליו אינו זמין',
        when: hebrewActs[wish.kind](wish.text),
        then: 'מוצג הסבר מה קרה ומה אפשר לעשות, ודבר אינו נשאר חצי גמור',
      },
    },
    {
      text: 'ללא ההרשאה המתאימה הפעולה אינה מוצעת, ופנייה ישירה אליה נדחית.',
      scenario: {
        name: 'ללא הרשאה',
        given: 'חשבון ללא ההרשאה המתאימה מחובר למערכת',
        when: 'הדף נפתח או שנעשית פנייה ישירה לכתובת',
        then: 'הפעולה אינה מוצעת, והפנייה נדחית',
      },
    },
    {
      text: 'אפשר לבצע הכול במקלדת בלבד, בעברית ובאנגלית.',
      scenario: {
        name: 'מקלדת ושתי השפות',
        given: 'הדף פתוח בעברית, ואחר כך באנגלית',
        when: 'עוברים את כל המסלול במקלדת',
        then: 'אפשר להגיע לכל צעד, והטקסטים בשפה שנבחרה',
      },
    },
  ],
  cardSchemes: (answer) => ({
    text: `כרטיסים מתקבלים: ${answer}. כל כרטיס אחר נדחה בהודעה שמציינת אותם.`,
    scenario: {
      name: 'כרטיסים מתקבלים',
      given: `הכרטיסים המתקבלים הם: ${answer}`,
      when: 'מוזן כרטיס מסוג אחר',
      then: 'הוא נדחה, וההודעה מציינת את הכרטיסים המתקבלים',
    },
    data: `כרטיסים: ${answer}, וכרטיס אחד מסוג אחר.`,
  }),
  notes: ({ summary, project, data, criteria }) => ({
    scope: `בתכולה: ${summary}. מחוץ לתכולה: שינויים בדפים אחרים ובנתונים קיימים.`,
    data: ['שני חשבונות עם הרשאות שונות; שמות בעברית ובאנגלית.', ...data].join(' '),
    environments: `${project === undefined ? 'סביבת הבדיקות' : `סביבת הבדיקות של פרויקט ${project}`}; גרסאות עדכניות של Chrome, Firefox ו־Safari; טלפון אחד.`,
    cases: `${criteria} מקרי בדיקה, אחד לכל קריטריון קבלה; ובנוסף: יציאה באמצע, לחיצה כפולה וניתוק.`,
    entryCriteria: 'הקריטריונים מוסכמים, הגרסה מותקנת בסביבת הבדיקות ונתוני הבדיקה טעונים.',
    exitCriteria: 'כל המקרים עוברים, אין תקלה פתוחה מעל רמה קלה, והיכולת הוצגה לבעלי המוצר.',
  }),
  askCardScheme: {
    question: 'אילו כרטיסים יתקבלו?',
    options: [
      'ויזה ומאסטרקארד',
      'ויזה, מאסטרקארד ואמריקן אקספרס',
      'כל סוגי הכרטיסים שהסולק תומך בהם',
    ],
  },
  askMore: (requirement) => ({
    question: 'הדרישה קצרה מכדי לכתוב ממנה סיפור. מי צריך את זה, ומה אמור לקרות?',
    options: [
      `לקוחות יכולים להשתמש בעצמם ביכולת "${requirement}"`,
      `מנהלים יכולים לנהל את היכולת "${requirement}"`,
      `צוותים יכולים לראות את "${requirement}" במבט אחד`,
    ],
  }),
}

export const phrases: Readonly<Record<StoryLanguage, Phrases>> = { en: english, he: hebrew }
