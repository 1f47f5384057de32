/** By the English sentence, which is what the ledger keeps. */
const sentences: Readonly<Record<string, string>> = {
  'Start again when the server can be reached; what was done is kept.':
    'התחילו שוב כשאפשר להגיע לשרת; מה שנעשה נשמר.',
  'Correct the expression; nothing of this transaction was kept.':
    'תקנו את הביטוי; דבר מטרנזקציה זו לא נשמר.',
  'Fill the empty values first, or give the column a default.':
    'מלאו תחילה את הערכים הריקים, או תנו לעמודה ברירת מחדל.',
  'Add the missing rows, or remove those that point to them; then start again.':
    'הוסיפו את השורות החסרות, או הסירו את אלה שמפנות אליהן; אחר כך התחילו שוב.',
  'Remove the duplicates, or leave the constraint out; then start again.':
    'הסירו את הכפילויות, או ותרו על האילוץ; אחר כך התחילו שוב.',
  'Correct the rows that break the rule; then start again.':
    'תקנו את השורות שמפרות את הכלל; אחר כך התחילו שוב.',
  'Move the statement into a file of its own with the header line `-- tx: none`.':
    'העבירו את הפקודה לקובץ משלה עם שורת הכותרת `-- tx: none`.',
  'Give the address of the primary server; this one is read-only.':
    'תנו את הכתובת של השרת הראשי; שרת זה לקריאה בלבד.',
  'Correct the password of the connection.': 'תקנו את הסיסמה של החיבור.',
  'Create the database, or correct its name in the address.':
    'צרו את מסד הנתונים, או תקנו את שמו בכתובת.',
  'Start again; other transactions kept changing the same rows.':
    'התחילו שוב; טרנזקציות אחרות שינו שוב ושוב את אותן שורות.',
  'Start again; other transactions kept taking the same locks in another order.':
    'התחילו שוב; טרנזקציות אחרות לקחו שוב ושוב את אותן נעילות בסדר אחר.',
  'Run as the owner of the objects, or let the owner grant the right.':
    'הריצו כבעלים של האובייקטים, או בקשו מהבעלים לתת את ההרשאה.',
  'Correct the statement; nothing of this transaction was kept.':
    'תקנו את הפקודה; דבר מטרנזקציה זו לא נשמר.',
  'Correct the name of the column, or create it in an earlier migration.':
    'תקנו את שם העמודה, או צרו אותה במיגרציה קודמת.',
  'The object exists already: somebody made it by hand. Compare with: migrate drift':
    'האובייקט כבר קיים: מישהו יצר אותו ידנית. השוו בעזרת: migrate drift',
  'Correct the name, or create the table in an earlier migration.':
    'תקנו את השם, או צרו את הטבלה במיגרציה קודמת.',
  'The relation exists already: somebody made it by hand. Compare with: migrate drift':
    'הטבלה או האינדקס כבר קיימים: מישהו יצר אותם ידנית. השוו בעזרת: migrate drift',
  'The column exists already: somebody made it by hand. Compare with: migrate drift':
    'העמודה כבר קיימת: מישהו יצר אותה ידנית. השוו בעזרת: migrate drift',
  'Make room on the disk of the server; then start again.':
    'פנו מקום בדיסק של השרת; אחר כך התחילו שוב.',
  'Close connections, or raise max_connections; then start again.':
    'סגרו חיבורים, או הגדילו את max_connections; אחר כך התחילו שוב.',
  'Wait for the sessions that hold the lock, or end them; then start again.':
    'המתינו לחיבורים שמחזיקים בנעילה, או סיימו אותם; אחר כך התחילו שוב.',
  'Move the statement that uses the new value into a later migration.':
    'העבירו את הפקודה שמשתמשת בערך החדש למיגרציה מאוחרת יותר.',
  'The statement was cancelled. Start again, and allow it more time.':
    'הפקודה בוטלה. התחילו שוב, ותנו לה יותר זמן.',
  'Correct the statement or the values that it reads; nothing of this transaction was kept.':
    'תקנו את הפקודה או את הערכים שהיא קוראת; דבר מטרנזקציה זו לא נשמר.',
  'Correct the rows that break the constraint; then start again.':
    'תקנו את השורות שמפרות את האילוץ; אחר כך התחילו שוב.',
  'Correct the user and the password of the connection.': 'תקנו את המשתמש והסיסמה של החיבור.',
  'Give the server what it lacks; then start again.': 'תנו לשרת מה שחסר לו; אחר כך התחילו שוב.',
  'Start again when the server is up; what was done is kept.':
    'התחילו שוב כשהשרת פועל; מה שנעשה נשמר.',
  'Look into the log of the server; its disk or its files failed.':
    'בדקו את היומן של השרת; הדיסק או הקבצים שלו כשלו.',
  'The statement itself refused. Do what it says; then start again.':
    'הפקודה עצמה סירבה. עשו מה שהיא אומרת; אחר כך התחילו שוב.',
  'Look into the log of the server; it found its own data damaged.':
    'בדקו את היומן של השרת; הוא מצא שהנתונים שלו פגומים.',
  'Look at the statement and the message; nothing of this transaction was kept.':
    'בדקו את הפקודה ואת ההודעה; דבר מטרנזקציה זו לא נשמר.',
  'Look who else changes this object at the same time; then start again.':
    'בדקו מי עוד משנה אובייקט זה באותו זמן; אחר כך התחילו שוב.',
  'Restore the statement as it was, let it finish, and change it in a new migration.':
    'החזירו את הפקודה כפי שהייתה, תנו לה לסיים, ושנו אותה במיגרציה חדשה.',
  'Let the doctor look: migrate doctor. If it may simply run again, add the header line `-- resume: idempotent`.':
    'בקשו מהבודק להסתכל: migrate doctor. אם היא יכולה פשוט לרוץ שוב, הוסיפו את שורת הכותרת `-- resume: idempotent`.',
}

/** Those that name something. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /^Wait for session (\d+) \((.*); (.*) for (\d+) s\), or end it: (.*); then start again\.$/s,
    'המתינו לחיבור $1 ($2; $3 כבר $4 שניות), או סיימו אותו: $5; אחר כך התחילו שוב.',
  ],
  [
    /^Compare it with the file, then drop or rename it: (.*)$/s,
    'השוו אותו לקובץ, ואז מחקו אותו או שנו את שמו: $1',
  ],
]

/**
 * What a person can do about a failure, in Hebrew.
 *
 * @param remedy as `Failure` has it; a sentence that nobody has translated comes back as it is
 */
export function remedyInHebrew(remedy: string): string {
  const known = sentences[remedy]
  if (known !== undefined) return known
  const found = patterns.find(([pattern]) => pattern.test(remedy))
  return found === undefined ? remedy : remedy.replace(found[0], found[1])
}
