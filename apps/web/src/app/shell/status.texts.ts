import { defineTexts } from '../../lib/i18n/define-texts.ts'

/** What an outage means for people, and what goes on without it. */
export const statusTexts = defineTexts('status', {
  en: {
    'database.down':
      'The database does not answer. Nothing can be saved for the moment; what you type is kept.',
    'database.slow': 'The database answers slowly. Pages take longer than usual.',
    'storage.down':
      'The store of files does not answer. Documents cannot be opened or added; the rest works.',
    'storage.slow': 'The store of files answers slowly.',
    'models.all-down':
      'No model of the workspace answers. Answers are put together from what was found.',
    'jira.down':
      'Jira does not answer. What you approve waits in the outbox and is carried out once.',
    'confluence.down': 'Confluence does not answer. Pages are shown as they were last read.',
    'trello.down': 'Trello does not answer. Boards are shown as they were; changes wait.',
    'model.down': 'A model of the workspace does not answer. The next one answers in its place.',
    'company-model.down': 'The files of the company model have a fault. Another model answers.',
    'jira.slow': 'Jira answers slowly.',
    'confluence.slow': 'Confluence answers slowly.',
    'trello.slow': 'Trello answers slowly.',
    'model.slow': 'A model of the workspace answers slowly.',
    'worker.dead':
      'Background work stands still. Documents wait to be read, and approvals to be sent.',
    'disk.low': 'The disk of the server is filling up. Whoever runs it should make room.',
    'disk.full': 'The disk of the server is full. Nothing new can be kept until there is room.',
  },
  he: {
    'database.down': 'מסד הנתונים אינו עונה. כרגע אי אפשר לשמור; מה שמוקלד נשמר בדפדפן.',
    'database.slow': 'מסד הנתונים עונה לאט. הדפים נטענים לאט מהרגיל.',
    'storage.down': 'אחסון הקבצים אינו עונה. אי אפשר לפתוח או להוסיף מסמכים; כל השאר פועל.',
    'storage.slow': 'אחסון הקבצים עונה לאט.',
    'models.all-down': 'אף מודל של סביבת העבודה אינו עונה. התשובות מורכבות ממה שנמצא.',
    'jira.down': '\u200fJira אינה עונה. מה שאושר ממתין בתיבת היוצא ויבוצע פעם אחת.',
    'confluence.down': '\u200fConfluence אינה עונה. הדפים מוצגים כפי שנקראו לאחרונה.',
    'trello.down': '\u200fTrello אינה עונה. הלוחות מוצגים כפי שהיו; שינויים ממתינים.',
    'model.down': 'מודל של סביבת העבודה אינו עונה. הבא בתור עונה במקומו.',
    'company-model.down': 'יש תקלה בקובצי המודל הארגוני. מודל אחר עונה.',
    'jira.slow': '\u200fJira עונה לאט.',
    'confluence.slow': '\u200fConfluence עונה לאט.',
    'trello.slow': '\u200fTrello עונה לאט.',
    'model.slow': 'מודל של סביבת העבודה עונה לאט.',
    'worker.dead': 'משימות הרקע עומדות. מסמכים ממתינים לקריאה ואישורים ממתינים לשליחה.',
    'disk.low': 'הדיסק של השרת מתמלא. מי שמפעיל אותו צריך לפנות מקום.',
    'disk.full': 'הדיסק של השרת מלא. אי אפשר לשמור דבר חדש עד שיתפנה מקום.',
  },
})
