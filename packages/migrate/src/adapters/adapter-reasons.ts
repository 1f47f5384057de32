import type { Reason } from '../objection.ts'

/** What keeps a directory of another tool from being read. */
export const adapterReasons = {
  unread: {
    code: 'unsupported-statement',
    en: {
      because:
        '{file} would not run: the files of this directory are called like {example}, and this one is not.',
      remedy: 'Call it like the others, or move it out of the directory.',
    },
    he: {
      because: '{file} לא היה רץ: קובצי התיקייה נקראים כמו {example}, והוא לא.',
      remedy: 'תנו לו שם כמו לשאר, או העבירו אותו מהתיקייה.',
    },
  },
  code: {
    code: 'unsupported-statement',
    en: {
      because: '{file} is a migration in {language}; this engine runs SQL only.',
      remedy:
        'Write what it does as SQL beside it and remove it, or leave it to its tool and take over the database by fingerprint: migrate import',
    },
    he: {
      because: '{file} הוא מיגרציה ב-{language}; מנוע זה מריץ SQL בלבד.',
      remedy:
        'כתבו את מה שהוא עושה כ-SQL לצידו והסירו אותו, או השאירו אותו לכלי שלו וקחו את מסד הנתונים לפי טביעת אצבע: migrate import',
    },
  },
  noSuchFile: {
    code: 'file-missing',
    en: {
      because: '{list} names {object}, and there is no such file.',
      remedy: 'Restore the file, or remove its entry from {list}.',
    },
    he: {
      because: '{list} מזכיר את {object}, ואין קובץ כזה.',
      remedy: 'שחזרו את הקובץ, או הסירו את הרשומה שלו מ-{list}.',
    },
  },
  badList: {
    code: 'unparsable',
    en: {
      because: '{file} cannot be read: {detail}.',
      remedy: 'Restore it from version control; it says in which order the migrations run.',
    },
    he: {
      because: 'אי אפשר לקרוא את {file}: {detail}.',
      remedy: 'שחזרו אותו מניהול הגרסאות; הוא קובע באיזה סדר רצות המיגרציות.',
    },
  },
  placeholder: {
    code: 'unsupported-statement',
    en: {
      because: '{file} has the placeholder {placeholder}, and nobody has said what it stands for.',
      remedy:
        'Give its value in flyway.conf, flyway.toml or .gmrc (placeholders), or write it out.',
    },
    he: {
      because: 'ב-{file} יש את הסימן {placeholder}, ואיש לא אמר במה הוא מוחלף.',
      remedy:
        'תנו את ערכו ב-flyway.conf, ב-flyway.toml או ב-‎.gmrc (placeholders), או כתבו אותו במפורש.',
    },
  },
  twice: {
    code: 'unsupported-statement',
    en: {
      because: '{file} and {otherFile} have the same version {version}.',
      remedy: 'Give one of them another version.',
    },
    he: {
      because: 'ל-{file} ול-{otherFile} אותה גרסה {version}.',
      remedy: 'תנו לאחד מהם גרסה אחרת.',
    },
  },
  baseline: {
    code: 'unsupported-statement',
    en: {
      because:
        '{file} is a baseline of Flyway, which runs instead of older files on new databases.',
      remedy: 'Remove it, or make a baseline of this engine from the same files: migrate squash',
    },
    he: {
      because: '{file} הוא baseline של Flyway, שרץ במקום קבצים ישנים במסדי נתונים חדשים.',
      remedy: 'הסירו אותו, או צרו baseline של מנוע זה מאותם קבצים: migrate squash',
    },
  },
} as const satisfies Record<string, Reason>
