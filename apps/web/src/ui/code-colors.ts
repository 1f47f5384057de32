export type CodePiece = {
  readonly kind: 'comment' | 'string' | 'number' | 'keyword' | 'plain'
  readonly text: string
}

type Family = {
  /** Comments, strings, numbers and words, each a group of that name. */
  readonly pieces: RegExp
  readonly isKeyword: (word: string) => boolean
}

const wordsOf = (text: string) => new Set(text.split(' '))

const codeWords = wordsOf(
  'abstract as async await bool boolean break case catch char class const constructor continue def default defer del delete do double elif else enum except export extends final finally float fn for from func function go if impl implements import in instanceof int interface internal is lambda let long match mod mut namespace new nil None not null of or and override package pass private protected pub public raise readonly return self sealed static string struct super switch this throw throws trait True False true false try type typeof undefined union unsafe use using val var void when where while with yield',
)
const shellWords = wordsOf(
  'case do done elif else esac export fi for function if in local return then until while true false null FROM RUN COPY CMD ENTRYPOINT ENV WORKDIR def class import from as return pass raise try except finally with lambda yield not and or is None True False async await end begin module require',
)
const sqlWords = wordsOf(
  'add all alter and as asc begin between by case cascade check commit constraint create cross default delete desc distinct drop else end exists false foreign from full function grant group having if in index inner insert into is join key left like limit not null on or order outer primary references returning revoke right rollback select set table then true union unique update using values view when where with',
)

const slashes: Family = {
  pieces:
    /(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`?)|(?<number>(?<![\w.])\d[\w.]*)|(?<keyword>[A-Za-z_$][\w$]*)/g,
  isKeyword: (word) => codeWords.has(word),
}
const hashes: Family = {
  pieces:
    /(?<comment>#[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`?)|(?<number>(?<![\w.])\d[\w.]*)|(?<keyword>[A-Za-z_$][\w$]*)/g,
  isKeyword: (word) => shellWords.has(word),
}
const dashes: Family = {
  pieces:
    /(?<comment>--[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`?)|(?<number>(?<![\w.])\d[\w.]*)|(?<keyword>[A-Za-z_$][\w$]*)/g,
  isKeyword: (word) => sqlWords.has(word.toLowerCase()),
}
const angles: Family = {
  pieces:
    /(?<comment><!--[^]*?(?:-->|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`?)|(?<number>(?<![\w.])\d[\w.]*)|(?<keyword>[A-Za-z_$][\w$]*)/g,
  isKeyword: () => false,
}

const families: readonly (readonly [Family, string])[] = [
  [
    slashes,
    'c cpp cs csharp css dart go groovy java javascript js json json5 jsonc jsx kotlin kt php rust rs scala scss swift ts tsx typescript',
  ],
  [hashes, 'bash conf dockerfile ini make makefile py python rb ruby sh shell toml yaml yml zsh'],
  [dashes, 'plsql postgres postgresql psql sql'],
  [angles, 'html svg vue xml'],
]
const familyOf = new Map(
  families.flatMap(([family, names]) => names.split(' ').map((name) => [name, family] as const)),
)

/** Of a longer one nothing is coloured: nobody reads it, and each piece is an element of the page. */
const lengthMax = 20_000

/**
 * What a piece of code consists of, for the eye alone: together the pieces are the text.
 *
 * @param language as a block of Markdown names it; one piece where it is none that is known
 */
export function colourPieces(code: string, language: string): CodePiece[] {
  const family = familyOf.get(language.toLowerCase())
  if (family === undefined || code.length > lengthMax) return [{ kind: 'plain', text: code }]
  const pieces: CodePiece[] = []
  let at = 0
  const add = (kind: CodePiece['kind'], end: number) => {
    if (end > at) pieces.push({ kind, text: code.slice(at, end) })
    at = end
  }
  for (const { 0: found, index, groups = {} } of code.matchAll(family.pieces)) {
    const kind = kinds.find((name) => groups[name] !== undefined) ?? 'plain'
    if (kind === 'keyword' && !family.isKeyword(found)) continue
    add('plain', index)
    add(kind, index + found.length)
  }
  add('plain', code.length)
  return pieces
}

const kinds = ['comment', 'string', 'number', 'keyword'] as const
