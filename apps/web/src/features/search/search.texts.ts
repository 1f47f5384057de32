import { defineTexts } from '../../lib/i18n/define-texts.ts'

export const searchTexts = defineTexts('search', {
  en: {
    title: 'Search and go',
    field: 'Search projects, documents, chats, purchases, stories and boards',
    results: 'Results',
    pages: 'Pages',
    nothing: 'Nothing that you may see is called that or says it.',
    'kind.project': 'Projects',
    'kind.document': 'Documents',
    'kind.passage': 'Inside documents',
    'kind.chat': 'Chats',
    'kind.purchase': 'Purchases',
    'kind.story': 'Stories',
    'kind.board': 'Boards',
  },
  he: {
    title: 'חיפוש ומעבר',
    field: 'חיפוש בפרויקטים, במסמכים, בשיחות, ברכש, בסיפורים ובלוחות',
    results: 'תוצאות',
    pages: 'דפים',
    nothing: 'אין דבר בשם הזה או שאומר זאת, מכל מה שמותר לך לראות.',
    'kind.project': 'פרויקטים',
    'kind.document': 'מסמכים',
    'kind.passage': 'בתוך מסמכים',
    'kind.chat': 'שיחות',
    'kind.purchase': 'רכש',
    'kind.story': 'סיפורים',
    'kind.board': 'לוחות',
  },
})
