import type { StoryContent } from '@studioops/contracts/story-content'
import type { TemplateSection } from '@studioops/contracts/story-templates'

const samples: Readonly<Record<'en' | 'he', StoryContent>> = {
  en: {
    summary: 'Export the open invoices as a spreadsheet',
    narrative: {
      asA: 'an accountant',
      iWant: 'to export the open invoices as a spreadsheet',
      soThat: 'I can reconcile them with the bank at the end of the month',
    },
    acceptanceCriteria: [
      'The file holds one row for each open invoice, with number, date, customer and amount.',
      'An export of 10,000 invoices is ready within 5 seconds.',
    ],
    scenarios: [
      {
        name: 'Open invoices only',
        given: 'three open invoices and one that is paid',
        when: 'I export them',
        // oxlint-disable-next-line unicorn/no-thenable -- A step of a scenario; a text is never awaited.
        then: 'the file has three rows',
      },
    ],
    stlcNotes: {
      scope: 'The page of invoices and its export.',
      data: 'Invoices in three currencies, some of them paid.',
      environments: 'The test environment, Chrome and Firefox.',
      cases: 'One for each criterion; an export of nothing.',
      entryCriteria: 'The build is installed and the data is loaded.',
      exitCriteria: 'All cases pass.',
    },
    storyPoints: 3,
  },
  he: {
    summary: 'ייצוא החשבוניות הפתוחות לגיליון',
    narrative: {
      asA: 'צוות הנהלת החשבונות',
      iWant: 'לייצא את החשבוניות הפתוחות לגיליון',
      soThat: 'יהיה אפשר להתאים אותן לבנק בסוף החודש',
    },
    acceptanceCriteria: [
      'בקובץ יש שורה לכל חשבונית פתוחה, עם מספר, תאריך, לקוח וסכום.',
      'ייצוא של 10,000 חשבוניות מוכן בתוך 5 שניות.',
    ],
    scenarios: [
      {
        name: 'רק חשבוניות פתוחות',
        given: 'שלוש חשבוניות פתוחות ואחת ששולמה',
        when: 'מייצאים אותן',
        // oxlint-disable-next-line unicorn/no-thenable -- A step of a scenario; a text is never awaited.
        then: 'בקובץ שלוש שורות',
      },
    ],
    stlcNotes: {
      scope: 'דף החשבוניות והייצוא שלו.',
      data: 'חשבוניות בשלושה מטבעות, חלקן שולמו.',
      environments: 'סביבת הבדיקות, Chrome ו־Firefox.',
      cases: 'מקרה לכל קריטריון; ייצוא ריק.',
      entryCriteria: 'הגרסה מותקנת והנתונים טעונים.',
      exitCriteria: 'כל המקרים עוברים.',
    },
    storyPoints: 3,
  },
}

/** A story to show a template or a rule on, with a text in each section that it wants. */
export function sampleStory(
  language: 'en' | 'he',
  wanted: readonly TemplateSection[] = [],
): StoryContent {
  const sample = samples[language]
  if (wanted.length === 0) return sample
  const sections = wanted.map(({ key, title, hint }) => ({ key, title, text: hint || title }))
  return { ...sample, sections }
}
