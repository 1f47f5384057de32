/** Names of Latin-1, in the order of their characters from U+00A0. */
const latin = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 ' +
  'sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc ' +
  'Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve ' +
  'Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc ' +
  'atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve ' +
  'oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ')

/** The other names of HTML 4, which Confluence writes into its storage format. */
const others: Readonly<Record<string, string>> = {
  ...pairs(
    'Α',
    'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho',
  ),
  ...pairs('Σ', 'Sigma Tau Upsilon Phi Chi Psi Omega'),
  ...pairs(
    'α',
    'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho',
  ),
  ...pairs('ς', 'sigmaf sigma tau upsilon phi chi psi omega'),
  ...pairs('←', 'larr uarr rarr darr harr'),
  ...pairs('⇐', 'lArr uArr rArr dArr hArr'),
  ...pairs('‘', 'lsquo rsquo sbquo'),
  ...pairs('“', 'ldquo rdquo bdquo'),
  ...pairs('\u2002', 'ensp emsp'),
  ...pairs('\u200C', 'zwnj zwj lrm rlm'),
  ...pairs('–', 'ndash mdash'),
  ...pairs('†', 'dagger Dagger bull'),
  ...pairs('′', 'prime Prime'),
  ...pairs('‹', 'lsaquo rsaquo'),
  ...pairs('⌈', 'lceil rceil lfloor rfloor'),
  ...pairs('Œ', 'OElig oelig'),
  ...pairs('Š', 'Scaron scaron'),
  thinsp: '\u2009',
  hellip: '…',
  permil: '‰',
  oline: '‾',
  frasl: '⁄',
  euro: '€',
  image: 'ℑ',
  weierp: '℘',
  real: 'ℜ',
  trade: '™',
  alefsym: 'ℵ',
  crarr: '↵',
  forall: '∀',
  part: '∂',
  exist: '∃',
  empty: '∅',
  nabla: '∇',
  isin: '∈',
  notin: '∉',
  ni: '∋',
  prod: '∏',
  sum: '∑',
  minus: '−',
  lowast: '∗',
  radic: '√',
  prop: '∝',
  infin: '∞',
  ang: '∠',
  and: '∧',
  or: '∨',
  cap: '∩',
  cup: '∪',
  int: '∫',
  there4: '∴',
  sim: '∼',
  cong: '≅',
  asymp: '≈',
  ne: '≠',
  equiv: '≡',
  le: '≤',
  ge: '≥',
  sub: '⊂',
  sup: '⊃',
  nsub: '⊄',
  sube: '⊆',
  supe: '⊇',
  oplus: '⊕',
  otimes: '⊗',
  perp: '⊥',
  sdot: '⋅',
  lang: '〈',
  rang: '〉',
  loz: '◊',
  spades: '♠',
  clubs: '♣',
  hearts: '♥',
  diams: '♦',
  Yuml: 'Ÿ',
  fnof: 'ƒ',
  circ: 'ˆ',
  tilde: '˜',
  thetasym: 'ϑ',
  upsih: 'ϒ',
  piv: 'ϖ',
}

function pairs(first: string, names: string): Record<string, string> {
  const start = first.codePointAt(0) ?? 0
  return Object.fromEntries(
    names.split(' ').map((name, index) => [name, String.fromCodePoint(start + index)]),
  )
}

const named = new Map([
  ...latin.map((name, index): [string, string] => [name, String.fromCodePoint(0xa0 + index)]),
  ...Object.entries(others),
])

/** The character of a name of HTML 4, without `&` and `;`. XML's own five are not among them. */
export function htmlEntity(name: string): string | undefined {
  return named.get(name)
}
