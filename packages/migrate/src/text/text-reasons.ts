import type { Reason } from '../objection.ts'

/** What can be wrong with the files before any SQL is understood. */
export const textReasons = {
  notUtf8: {
    code: 'unparsable',
    en: {
      because: '{file} is not valid UTF-8 in line {line}.',
      remedy: 'Save the file as UTF-8.',
    },
    he: { because: '{file} אינו UTF-8 תקין בשורה {line}.', remedy: 'שמרו את הקובץ כ-UTF-8.' },
  },
  nul: {
    code: 'unparsable',
    en: {
      because: '{file} contains a NUL character in line {line}, which PostgreSQL cannot store.',
      remedy: 'Remove the character; UTF-16 files must be saved as UTF-8.',
    },
    he: {
      because: '{file} מכיל תו NUL בשורה {line}, ו-PostgreSQL אינו יכול לשמור אותו.',
      remedy: 'הסירו את התו; קובצי UTF-16 יש לשמור כ-UTF-8.',
    },
  },
  mixedPrefixes: {
    code: 'mixed-prefixes',
    en: {
      because: 'The numbers of {one} and {odd} do not have the same form.',
      remedy: 'Rename the files so that all numbers look like {example}.',
    },
    he: {
      because: 'למספרים של {one} ושל {odd} אין אותה צורה.',
      remedy: 'שנו את שמות הקבצים כך שכל המספרים ייראו כמו {example}.',
    },
  },
  noFile: {
    code: 'file-missing',
    en: {
      because: '{file} is the way back of a migration that is not here: {object}.sql is missing.',
      remedy: 'Restore {object}.sql, or remove {file}.',
    },
    he: {
      because: '{file} הוא דרך החזרה של מיגרציה שאינה כאן: {object}.sql חסר.',
      remedy: 'שחזרו את {object}.sql, או הסירו את {file}.',
    },
  },
  unknownKey: {
    code: 'unparsable',
    en: {
      because: 'The header has an unknown key `{key}`.',
      remedy: 'Known keys: {known}. Was `{nearest}` meant? Other comments go below an empty line.',
    },
    he: {
      because: 'בכותרת יש מפתח לא מוכר `{key}`.',
      remedy:
        'המפתחות המוכרים: {known}. האם הכוונה ל-`{nearest}`? הערות אחרות באות אחרי שורה ריקה.',
    },
  },
  repeatedKey: {
    code: 'unparsable',
    en: {
      because: 'The header says `{key}` twice.',
      remedy: 'Keep one line; lists are separated by commas.',
    },
    he: {
      because: 'הכותרת אומרת `{key}` פעמיים.',
      remedy: 'השאירו שורה אחת; רשימות מופרדות בפסיקים.',
    },
  },
  lateKey: {
    code: 'unparsable',
    en: {
      because: '`{key}` stands below the header, where it has no effect.',
      remedy: 'Move the line into the comment lines at the very top of the file.',
    },
    he: {
      because: '`{key}` עומד מתחת לכותרת, ושם אין לו השפעה.',
      remedy: 'העבירו את השורה אל שורות ההערה שבראש הקובץ.',
    },
  },
  badValue: {
    code: 'unparsable',
    en: {
      because: '`{key}` cannot be `{value}`.',
      remedy: 'Write `-- {key}: {expected}`.',
    },
    he: { because: '`{key}` אינו יכול להיות `{value}`.', remedy: 'כתבו `-- {key}: {expected}`.' },
  },
  noWhy: {
    code: 'unparsable',
    en: {
      because: 'The header does not say why this migration exists.',
      remedy: 'Begin the file with `-- why: <one sentence>`.',
    },
    he: {
      because: 'הכותרת אינה אומרת לשם מה קיימת המיגרציה.',
      remedy: 'פתחו את הקובץ ב-`-- why: <משפט אחד>`.',
    },
  },
  syntax: {
    code: 'unparsable',
    en: {
      because: 'PostgreSQL cannot read this: {message}.',
      remedy: 'Correct the statement in line {line}.',
    },
    he: {
      because: 'PostgreSQL אינו יכול לקרוא זאת: {message}.',
      remedy: 'תקנו את הפקודה בשורה {line}.',
    },
  },
  psqlCommand: {
    code: 'unsupported-statement',
    en: {
      because: '`{command}` is a command of psql, not SQL.',
      remedy: 'Remove line {line}; write values and included files out as SQL.',
    },
    he: {
      because: '`{command}` הוא פקודה של psql ולא SQL.',
      remedy: 'הסירו את שורה {line}; כתבו ערכים וקבצים כלולים כ-SQL.',
    },
  },
  copyData: {
    code: 'unsupported-statement',
    en: {
      because: 'COPY … FROM STDIN takes its rows from a client, and a migration has none.',
      remedy: 'Write the rows as INSERT … VALUES.',
    },
    he: {
      because: 'COPY … FROM STDIN מקבל את השורות מלקוח, ולמיגרציה אין לקוח.',
      remedy: 'כתבו את השורות כ-INSERT … VALUES.',
    },
  },
} as const satisfies Record<string, Reason>
