import { spokenOf } from './listed-passwords.ts'

/**
 * What most guessed passwords are made of, by our own hand: words, names, teams, keyboards, in
 * English, Hebrew and Hebrew typed on an English keyboard. Small letters, no digits.
 */
const stems = `
password passwort passw passwd pass qwerty qwertz azerty asdf asdfgh zxcv zxcvbn letmein welcome
admin administrator root toor login guest user test tester testing demo default changeme change
secret master monkey dragon shadow superman batman spiderman ironman pokemon naruto goku starwars
football baseball basketball soccer hockey tennis golf chelsea arsenal liverpool barcelona madrid
manchester united juventus ronaldo messi maccabi hapoel beitar iloveyou loveyou love lover sunshine
princess prince king queen angel flower hello hallo hola freedom whatever trustno trust ninja mustang
ferrari porsche mercedes toyota honda harley yamaha corvette camaro jordan michael michelle jennifer
jessica ashley amanda daniel david joshua matthew andrew robert thomas william richard charlie george
jonathan samantha nicole hannah maria anna laura sarah rachel moshe yossi avi dani dana noam noa tal
shira yael tamar itai eitan omer ariel lior shalom ahava israel jerusalem telaviv haifa aviv magic
summer winter spring autumn january february march april june july august september october november
december monday tuesday wednesday thursday friday saturday sunday company office work corporate
business manager sales support service server system computer laptop internet network windows linux
android apple google facebook instagram twitter microsoft amazon netflix youtube github gitlab docker
jira confluence trello atlassian studio studioops studiops agile scrum sprint story stories developer
database oracle mysql postgres cisco sysadmin security secure private access account backup temp
temporary abc abcd abcde abcdef abcabc aaa qaz qazwsx wsx edc rfv zaq zaqwsx poiuy lkjhg mnbvc qwe asd
zxc qweasd qweasdzxc cookie cheese chocolate banana orange peanut pepper ginger coffee killer hunter
ranger buster tigger tiger lion eagle falcon bear wolf snoopy mickey donald garfield simba yankees
cowboys lakers chicago london paris newyork texas america canada germany france jesus christ heaven
blessed family mother father mommy daddy mama papa baby babygirl money dollar rich lucky winner matrix
phoenix diamond silver golden purple yellow blue green black white rainbow thunder lightning storm
guitar music rock metal metallica nirvana eminem slipknot blink biteme fuckyou fuck asshole sexy
playboy naked pussy bigdaddy hottie cutie honey sweet sweety kitty doggy puppy horse dolphin butterfly
merlin gandalf frodo zelda mario sonic minecraft fortnite roblox league gamer player one two three four
five six seven eight nine ten zero number admins operator supervisor student teacher school college
university hospital doctor nurse police army navy marine soldier correct
סיסמה סיסמא שלום אהבה ישראל ירושלים אני אוהב אוהבת ברוך ברוכה הבא מנהל משתמש בדיקה אבגד אבגדה קיץ חורף
אביב סתיו בית משפחה אמא אבא כסף חיים טובה תודה מלך מלכה נסיכה
xhxnv xhxntv akuo tvcv hartk
`
  .trim()
  .split(/\s+/)
  .filter((stem) => stem.length > 2)

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'אבגדהוזחטיכלמנסעפצקרשת',
]

const byLength = (words: readonly string[]) =>
  words.toSorted((one, other) => other.length - one.length)
const longestFirst = byLength(stems)

/**
 * How many letters of a password a guesser has to guess: what remains once common words, words of
 * the context, runs of a keyboard, repetitions, digits and signs are taken out.
 *
 * @param context words that everybody knows of the person: name, e-mail address, product
 */
export function unguessableLetters(password: string, context: readonly string[]): number {
  const plain = password.normalize('NFKC').toLowerCase()
  const words = byLength(context.flatMap(wordsOf))
  const left = [plain, spokenOf(plain)].map((text) => lettersLeft(text, words))
  return Math.min(...left)
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 2)
}

function lettersLeft(text: string, context: readonly string[]): number {
  let rest = text
  for (const word of [...context, ...longestFirst]) rest = rest.replaceAll(word, ' ')
  for (const run of runsOf(rest)) rest = rest.replace(run, ' ')
  // The same again says nothing new: "bluesky bluesky bluesky", "aaaa".
  rest = rest.replaceAll(/(.+?)\1+/gu, '$1')
  return new Set(rest.match(/\p{L}/gu)).size
}

/** Pieces of at least four letters that lie beside each other in the alphabet or on a keyboard. */
function runsOf(text: string): string[] {
  const lines = rows.flatMap((row) => [row, Array.from(row).toReversed().join('')])
  return (text.match(/\p{L}{4,}/gu) ?? []).filter((piece) =>
    lines.some((line) => line.includes(piece)),
  )
}
