import { findNodeAtLocation, type Node, type ParseError, printParseErrorCode } from 'jsonc-parser'
import type { $ZodIssue } from 'zod/v4/core'
import type { CompanyFileName } from './company-files.ts'

/** A text in both languages of the product. */
export type Words = { readonly en: string; readonly he: string }

/** One thing that is wrong with one of the four files, and where (CFG-9). */
export type FileProblem = {
  readonly file: CompanyFileName
  /** JSON pointer (RFC 6901); empty for the file as a whole. */
  readonly pointer: string
  /** Both count from 1; the column in UTF-16 units. */
  readonly line: number
  readonly column: number
  readonly message: Words
  readonly fix: Words
}

export type ProblemWords = { readonly message: Words; readonly fix: Words }

/** Where in a text something is: both count from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** What the first fault of the syntax means; those behind it are usually its echo. */
export function explainSyntax(text: string, error: ParseError): ProblemWords & { offset: number } {
  const { offset } = error
  const comma = trailingComma(text, offset)
  if (comma !== undefined)
    return {
      offset: comma,
      message: { en: 'There is a comma with nothing after it.', he: 'יש פסיק שאין אחריו דבר.' },
      fix: { en: 'Remove this comma.', he: 'יש להסיר את הפסיק.' },
    }
  return { offset, ...(syntaxWords[printParseErrorCode(error.error)] ?? unreadable) }
}

function trailingComma(text: string, offset: number): number | undefined {
  if (!/[}\]]/.test(text[offset] ?? '')) return undefined
  const before = text.slice(0, offset).trimEnd()
  return before.endsWith(',') ? before.length - 1 : undefined
}

const unreadable: ProblemWords = {
  message: { en: 'This is not JSON.', he: 'זה אינו JSON.' },
  fix: {
    en: 'Check the quotes, commas and brackets around here.',
    he: 'יש לבדוק את המירכאות, הפסיקים והסוגריים סביב מקום זה.',
  },
}

const syntaxWords: Readonly<Record<string, ProblemWords>> = {
  CommaExpected: {
    message: { en: 'A comma is missing before this.', he: 'חסר פסיק לפני מקום זה.' },
    fix: { en: 'Put a comma after the value before.', he: 'יש להוסיף פסיק אחרי הערך הקודם.' },
  },
  ColonExpected: {
    message: { en: 'A colon is missing here.', he: 'חסרות כאן נקודתיים.' },
    fix: { en: 'Write "name": value.', he: 'יש לכתוב "שם": ערך.' },
  },
  ValueExpected: {
    message: { en: 'A value is missing here.', he: 'חסר כאן ערך.' },
    fix: {
      en: 'Write a value, or remove the name before it.',
      he: 'יש לכתוב ערך, או להסיר את השם שלפניו.',
    },
  },
  PropertyNameExpected: {
    message: { en: 'A name in double quotes is missing here.', he: 'חסר כאן שם במירכאות כפולות.' },
    fix: { en: 'Write "name": value.', he: 'יש לכתוב "שם": ערך.' },
  },
  CloseBraceExpected: {
    message: { en: 'A closing brace } is missing.', he: 'חסר סוגר מסולסל סוגר }.' },
    fix: { en: 'Close what was opened.', he: 'יש לסגור את מה שנפתח.' },
  },
  CloseBracketExpected: {
    message: { en: 'A closing bracket ] is missing.', he: 'חסר סוגר מרובע סוגר ].' },
    fix: { en: 'Close what was opened.', he: 'יש לסגור את מה שנפתח.' },
  },
  UnexpectedEndOfString: {
    message: {
      en: 'This text in quotes does not end on its line.',
      he: 'הטקסט שבמירכאות אינו נסגר בשורה שלו.',
    },
    fix: {
      en: 'Close the quotes; a line break inside is written \\n.',
      he: 'יש לסגור את המירכאות; ירידת שורה נכתבת \\n.',
    },
  },
  InvalidEscapeCharacter: {
    message: { en: 'There is no such escape in JSON.', he: 'אין רצף בריחה כזה ב־JSON.' },
    fix: { en: 'Write a backslash twice: \\\\.', he: 'יש לכתוב לוכסן הפוך פעמיים: \\\\.' },
  },
  InvalidCommentToken: {
    message: { en: 'JSON has no comments.', he: 'אין הערות ב־JSON.' },
    fix: { en: 'Remove the comment.', he: 'יש להסיר את ההערה.' },
  },
  InvalidSymbol: {
    message: { en: 'This word is not JSON.', he: 'המילה הזאת אינה JSON.' },
    fix: {
      en: 'Names and texts stand in double quotes.',
      he: 'שמות וטקסטים נכתבים במירכאות כפולות.',
    },
  },
}

/** The node of a path, or the nearest one around it that is there. */
export function nodeAt(root: Node, path: readonly PropertyKey[]): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length) as (string | number)[])
    if (node !== undefined) return node
  }
  return root
}

/** Where the name of a member stands; where the value stands for what has no name. */
export function nameOffset(root: Node, path: readonly PropertyKey[]): number {
  const node = nodeAt(root, path)
  const isThere = findNodeAtLocation(root, path as (string | number)[]) !== undefined
  const name = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined
  return isThere && name !== undefined ? name.offset : node.offset
}

export type Finding = ProblemWords & {
  readonly path: readonly PropertyKey[]
  /** Point at the name of the member rather than at its value. */
  readonly atName?: true
}

/** What a fault of the schema means. One fault of the library may be several of ours. */
export function explainIssue(issue: $ZodIssue, given: unknown): Finding[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        atName: true,
        ...unknownMember(key),
      }))
    case 'invalid_type':
      return [{ path, ...wrongType(issue.expected, valueOf(given, path), path) }]
    case 'invalid_value':
      return [{ path, ...oneOf(issue.values.map(String), valueOf(given, path)) }]
    case 'invalid_union':
      return [
        {
          path,
          ...oneOf(path[0] === 'mode' ? ['openai', 'custom'] : [], valueOf(given, path)),
        },
      ]
    case 'too_small':
      return [{ path, ...bound('least', Number(issue.minimum), issue.origin) }]
    case 'too_big':
      return [{ path, ...bound('most', Number(issue.maximum), issue.origin) }]
    default:
      return [{ path, ...formed(issue.message) }]
  }
}

function valueOf(given: unknown, path: readonly PropertyKey[]): unknown {
  let at = given
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Reflect.get(at, part)
  }
  return at
}

function unknownMember(name: string): ProblemWords {
  return {
    message: { en: `"${name}" is not known here.`, he: `"${name}" אינו מוכר כאן.` },
    fix: {
      en: 'Check the spelling, or remove it; the schema lists what there is.',
      he: 'יש לבדוק את האיות, או להסיר אותו; הסכמה מפרטת מה קיים.',
    },
  }
}

const typeNames: Readonly<Record<string, Words>> = {
  string: { en: 'a text in quotes', he: 'טקסט במירכאות' },
  number: { en: 'a number', he: 'מספר' },
  int: { en: 'a whole number', he: 'מספר שלם' },
  boolean: { en: 'true or false', he: 'true או false' },
  object: { en: 'an object in braces {}', he: 'אובייקט בסוגריים מסולסלים {}' },
  record: { en: 'an object in braces {}', he: 'אובייקט בסוגריים מסולסלים {}' },
  array: { en: 'a list in brackets []', he: 'רשימה בסוגריים מרובעים []' },
}

function wrongType(expected: string, found: unknown, path: readonly PropertyKey[]): ProblemWords {
  const wanted = typeNames[expected] ?? { en: expected, he: expected }
  const name = String(path.at(-1) ?? '')
  const fix = { en: `Write ${wanted.en}.`, he: `יש לכתוב ${wanted.he}.` }
  if (found === undefined)
    return {
      message: { en: `"${name}" is missing.`, he: `"${name}" חסר.` },
      fix: { en: `Add "${name}" with ${wanted.en}.`, he: `יש להוסיף "${name}" עם ${wanted.he}.` },
    }
  return {
    message: { en: `This must be ${wanted.en}.`, he: `כאן צריך להיות ${wanted.he}.` },
    fix,
  }
}

function oneOf(values: readonly string[], found: unknown): ProblemWords {
  const list = values.map((value) => `"${value}"`).join(', ')
  return {
    message:
      found === undefined
        ? { en: 'A choice is missing here.', he: 'חסרה כאן בחירה.' }
        : { en: 'There is no such choice.', he: 'אין אפשרות כזאת.' },
    fix: { en: `Write one of ${list}.`, he: `יש לכתוב אחד מאלה: ${list}.` },
  }
}

function bound(side: 'least' | 'most', limit: number, origin: string): ProblemWords {
  const isLength = origin === 'string'
  if (isLength && side === 'least')
    return {
      message: { en: 'This text is empty.', he: 'הטקסט ריק.' },
      fix: { en: 'Write something, or remove the member.', he: 'יש לכתוב משהו, או להסיר את השדה.' },
    }
  const unit = isLength ? { en: ' characters', he: ' תווים' } : { en: '', he: '' }
  const word = side === 'least' ? { en: 'least', he: 'לפחות' } : { en: 'most', he: 'לכל היותר' }
  return {
    message: {
      en: `This is ${side === 'least' ? 'less' : 'more'} than allowed.`,
      he: side === 'least' ? 'הערך קטן מהמותר.' : 'הערך גדול מהמותר.',
    },
    fix: {
      en: `Write at ${word.en} ${limit}${unit.en}.`,
      he: `יש לכתוב ${word.he} ${limit}${unit.he}.`,
    },
  }
}

/** Schemas of ours say in `message` which of these holds. */
const forms: Readonly<Record<string, Words>> = {
  pointer: {
    en: 'a JSON pointer such as /choices/0/delta/content',
    he: 'מצביע JSON כגון /choices/0/delta/content',
  },
  path: { en: 'a path that begins with /', he: 'נתיב שמתחיל ב־/' },
  url: {
    en: 'an http(s) address without user and password',
    he: 'כתובת http(s) ללא שם משתמש וסיסמה',
  },
  pem: {
    en: 'a certificate that begins with -----BEGIN CERTIFICATE-----',
    he: 'תעודה שמתחילה ב־-----BEGIN CERTIFICATE-----',
  },
  'header-name': {
    en: 'a header name of letters, digits and dashes',
    he: 'שם כותרת של אותיות, ספרות ומקפים',
  },
  'header-value': {
    en: 'printable Latin characters on one line',
    he: 'תווים לטיניים מודפסים בשורה אחת',
  },
  id: { en: 'lower-case letters, digits and dashes', he: 'אותיות קטנות, ספרות ומקפים' },
}

function formed(form: string): ProblemWords {
  const words = forms[form] ?? { en: 'a valid value', he: 'ערך תקין' }
  return {
    message: { en: 'This does not have the right form.', he: 'הערך אינו בצורה הנכונה.' },
    fix: { en: `Write ${words.en}.`, he: `יש לכתוב ${words.he}.` },
  }
}
