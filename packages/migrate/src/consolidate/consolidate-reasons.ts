import type { Reason } from '../objection.ts'

/** Why tables are not put together. In all of these nothing was changed. */
export const consolidateReasons = {
  spec: {
    code: 'unparsable',
    en: { because: '{object}: {detail}.', remedy: 'Correct {file} at this place.' },
    he: { because: '{object}: ערך שאינו תקין ({detail}).', remedy: 'תקנו את {file} במקום זה.' },
  },
  unknownTable: {
    code: 'unknown-reference',
    en: {
      because: 'The spec names the table {object}, and there is none.',
      remedy: 'Correct the name; it has to be qualified and quoted as in SQL.',
    },
    he: {
      because: 'המפרט נוקב בטבלה {object}, ואין כזו.',
      remedy: 'תקנו את השם; עליו לכלול סכמה ומירכאות כמו ב-SQL.',
    },
  },
  unknownColumn: {
    code: 'unknown-reference',
    en: {
      because: 'The spec names the column {object}, and there is none. {detail}',
      remedy: 'Correct the name; the columns are {columns}.',
    },
    he: {
      because: 'המפרט נוקב בעמודה {object}, ואין כזו. {detail}',
      remedy: 'תקנו את השם; העמודות הן {columns}.',
    },
  },
  unknownType: {
    code: 'unknown-reference',
    en: {
      because: 'The added column {object} cannot be made. {detail}.',
      remedy:
        'Correct the type; it is written as in SQL, with its schema where it is not built in.',
    },
    he: {
      because: 'אי אפשר ליצור את העמודה {object}. {detail}.',
      remedy: 'תקנו את הטיפוס; הוא נכתב כמו ב-SQL, עם סכמה אם אינו מובנה.',
    },
  },
  readers: {
    code: 'unsupported-statement',
    en: {
      because: '{object} is to be dropped, and {detail} reads it.',
      remedy: 'Drop or change {detail} first, in a migration of its own.',
    },
    he: {
      because: 'יש למחוק את {object}, אך {detail} קורא ממנה.',
      remedy: 'מחקו או שנו תחילה את {detail}, במיגרציה נפרדת.',
    },
  },
  usedTwice: {
    code: 'unparsable',
    en: {
      because: '{object} is named more than once: {detail}.',
      remedy: 'Give every place of the target one origin, and every table one role.',
    },
    he: {
      because: '{object} מופיע יותר מפעם אחת: {detail}.',
      remedy: 'תנו לכל מקום ביעד מקור אחד, ולכל טבלה תפקיד אחד.',
    },
  },
  forgotten: {
    code: 'destructive-unflagged',
    en: {
      because: 'The values of {object} would be lost: nothing says where they go.',
      remedy: 'Add the column to `map`, or to `leave` if nobody needs it.',
    },
    he: {
      because: 'הערכים של {object} היו הולכים לאיבוד: לא נאמר לאן הם עוברים.',
      remedy: 'הוסיפו את העמודה ל-`map`, או ל-`leave` אם אין בה צורך.',
    },
  },
  notJson: {
    code: 'unparsable',
    en: {
      because: 'The place {object} is inside a column that is {detail}, not JSON.',
      remedy: 'Name a column of type jsonb or json, or a column of its own.',
    },
    he: {
      because: 'המקום {object} נמצא בתוך עמודה מטיפוס {detail}, שאינו JSON.',
      remedy: 'ציינו עמודה מטיפוס jsonb או json, או עמודה נפרדת.',
    },
  },
  noKey: {
    code: 'unsupported-statement',
    en: {
      because: 'The target {object} has no primary key, so a row of it cannot be found again.',
      remedy: 'Add a primary key to it first.',
    },
    he: {
      because: 'לטבלת היעד {object} אין מפתח ראשי, ולכן אי אפשר למצוא בה שורה מחדש.',
      remedy: 'הוסיפו לה תחילה מפתח ראשי.',
    },
  },
  noNewKey: {
    code: 'unsupported-statement',
    en: {
      because: 'Nothing says what the rows of {detail} have in {object}, which is part of the key.',
      remedy: 'Map a column to it, or give it a default such as gen_random_uuid().',
    },
    he: {
      because: 'לא נאמר מה יהיה לשורות של {detail} ב-{object}, שהוא חלק מן המפתח.',
      remedy: 'מפו אליו עמודה, או תנו לו ערך ברירת מחדל כגון gen_random_uuid().',
    },
  },
  otherType: {
    code: 'unsupported-statement',
    en: {
      because: 'The column {object} exists already and is {detail}.',
      remedy: 'Give the added column another name, or the type that is there.',
    },
    he: {
      because: 'העמודה {object} כבר קיימת, והיא מטיפוס {detail}.',
      remedy: 'תנו לעמודה החדשה שם אחר, או את הטיפוס הקיים.',
    },
  },
  ownNotAdded: {
    code: 'unsupported-statement',
    en: {
      because: '`own` sets {object}, which is not among the added columns.',
      remedy: 'Only added columns can be set in rows that are there already.',
    },
    he: {
      because: '`own` קובע את {object}, שאינה בין העמודות החדשות.',
      remedy: 'בשורות קיימות אפשר לקבוע רק עמודות חדשות.',
    },
  },
  keyOfOtherType: {
    code: 'unsupported-statement',
    en: {
      because: 'The foreign key {object} cannot lead to the target: {detail}.',
      remedy: 'Change the type of the referring column first, or map the key that it refers to.',
    },
    he: {
      because: 'המפתח הזר {object} אינו יכול להוביל אל היעד: {detail}.',
      remedy: 'שנו תחילה את טיפוס העמודה המפנה, או מפו את המפתח שאליו היא מפנה.',
    },
  },
  partitioned: {
    code: 'unsupported-statement',
    en: {
      because: '{object} is partitioned or inherited from, which a consolidation does not handle.',
      remedy: 'Put its rows into a plain table first.',
    },
    he: {
      because: '{object} מחולקת למחיצות או שיש טבלאות יורשות, ואיחוד אינו מטפל בכך.',
      remedy: 'העבירו תחילה את שורותיה לטבלה רגילה.',
    },
  },
  notEmpty: {
    code: 'probe-failed',
    en: {
      because: '{object} has to be empty, and it has {count} rows.',
      remedy: 'Look at them first: {query}',
    },
    he: {
      because: 'הטבלה {object} חייבת להיות ריקה, ויש בה {count} שורות.',
      remedy: 'בדקו אותן קודם: {query}',
    },
  },
  overwritten: {
    code: 'probe-failed',
    en: {
      because:
        '{count} rows of {object} have a key {detail} in their JSON already, and it would be overwritten.',
      remedy: 'Map to another key; these are the rows: {query}',
    },
    he: {
      because: 'ב-{count} שורות של {object} כבר יש בתוך ה-JSON מפתח {detail}, והוא היה נדרס.',
      remedy: 'מפו למפתח אחר; אלה השורות: {query}',
    },
  },
  notObject: {
    code: 'probe-failed',
    en: {
      because:
        '{count} rows of {object} hold JSON that is no object, so nothing can be added to it.',
      remedy: 'Map the column elsewhere; these are the rows: {query}',
    },
    he: {
      because: 'ב-{count} שורות של {object} יש JSON שאינו אובייקט, ואי אפשר להוסיף לו דבר.',
      remedy: 'מפו את העמודה למקום אחר; אלה השורות: {query}',
    },
  },
  repeatedKeys: {
    code: 'probe-failed',
    en: {
      because:
        '{count} rows hold JSON in {object} that says a key twice; jsonb would keep one of them.',
      remedy: 'Take the column as text (`asText`), or correct the rows: {query}',
    },
    he: {
      because: 'ב-{count} שורות יש ב-{object} JSON שבו מפתח מופיע פעמיים; jsonb היה שומר רק אחד.',
      remedy: 'קחו את העמודה כטקסט (`asText`), או תקנו את השורות: {query}',
    },
  },
  keyTaken: {
    code: 'probe-failed',
    en: {
      because: '{count} rows of {object} have a key that another row of {detail} has.',
      remedy: 'Do not map the key, so that the rows get new ones; these are the rows: {query}',
    },
    he: {
      because: 'ל-{count} שורות של {object} יש מפתח שכבר יש לשורה אחרת של {detail}.',
      remedy: 'אל תמפו את המפתח, כדי שהשורות יקבלו חדשים; אלה השורות: {query}',
    },
  },
  doesNotFit: {
    code: 'probe-failed',
    en: {
      because: 'The rows cannot be put together: {detail}',
      remedy: 'Correct the rows or the spec; nothing was changed.',
    },
    he: {
      because: 'אי אפשר לאחד את השורות: {detail}',
      remedy: 'תקנו את השורות או את המפרט; דבר לא השתנה.',
    },
  },
  changedMeanwhile: {
    code: 'drift',
    en: {
      because: 'The tables were changed after this had been planned.',
      remedy: 'Look at the plan again, then start again.',
    },
    he: {
      because: 'הטבלאות השתנו אחרי שהתוכנית נבנתה.',
      remedy: 'בדקו שוב את התוכנית, והתחילו מחדש.',
    },
  },
  notProven: {
    code: 'inverse-unproven',
    en: {
      because: 'The way back was tried and does not give what was there: {detail}',
      remedy: 'Report this with the spec; nothing was changed.',
    },
    he: {
      because: 'דרך החזרה נוסתה ואינה מחזירה את מה שהיה: {detail}',
      remedy: 'דווחו על כך עם המפרט; דבר לא השתנה.',
    },
  },
  editedSpec: {
    code: 'checksum-changed',
    en: {
      because: '{migration} was carried out with another spec.',
      remedy: 'Give the new spec a name of its own.',
    },
    he: {
      because: '{migration} בוצע עם מפרט אחר.',
      remedy: 'תנו למפרט החדש שם משלו.',
    },
  },
  notDone: {
    code: 'file-missing',
    en: {
      because: 'The ledger knows no completed consolidation {migration}.',
      remedy: 'Look at the names: migrate status',
    },
    he: {
      because: 'ביומן אין איחוד בשם {migration} שהושלם.',
      remedy: 'בדקו את השמות: migrate status',
    },
  },
  usedSince: {
    code: 'inverse-lossy',
    en: {
      because: 'Going back would lose what was written since: {detail}',
      remedy: 'If that is meant, say so: --accept-loss',
    },
    he: {
      because: 'חזרה לאחור תאבד את מה שנכתב מאז: {detail}',
      remedy: 'אם זו הכוונה, ציינו זאת: ‎--accept-loss',
    },
  },
  wayBackFails: {
    code: 'inverse-unproven',
    en: {
      because: 'The way back of {migration} does not work any more: {detail}',
      remedy: 'Undo what was changed at {object} since, then try again; nothing was changed now.',
    },
    he: {
      because: 'דרך החזרה של {migration} אינה פועלת עוד: {detail}',
      remedy: 'בטלו את מה ששונה מאז ב-{object}, ונסו שוב; כעת לא שונה דבר.',
    },
  },
} as const satisfies Record<string, Reason>
