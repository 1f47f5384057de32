import { objectTo, type Objection, type Reason } from '../objection.ts'
import type { BatchPlan } from './batches.ts'
import type { PreparedMigration, Statement } from './migration.ts'
import { type Control, controlOf, headOf } from './sql-head.ts'

/** What is sent to the server and recorded as one step. */
export type Unit =
  /** One transaction. */
  | {
      readonly kind: 'group'
      /** Also those that control the transaction, which are not sent but recorded. */
      readonly statements: readonly Statement[]
      readonly beginText: string
    }
  /** One statement outside of any transaction, whose effect the catalog shows. */
  | { readonly kind: 'alone'; readonly statement: Statement }
  /** One statement that commits by itself, and whose effect only its author knows. */
  | { readonly kind: 'opaque'; readonly statement: Statement }
  /** One statement in pieces, each in a transaction of its own. */
  | { readonly kind: 'batches'; readonly statement: Statement; readonly plan: BatchPlan }

/** The steps of a migration in order, or why it has none. */
export type Grouping =
  | { readonly kind: 'grouped'; readonly units: readonly Unit[] }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }

/** Beside the limits of the protocol: a message of this size is sent in one go. */
type State = {
  readonly units: Unit[]
  readonly objections: Objection[]
  group: Statement[]
  beginText: string | undefined
}

type Options = {
  readonly name: string
  /** Numbers of statements after which a transaction has to end, beside what the plan says. */
  readonly boundaries?: ReadonlySet<number>
}

/**
 * Puts the statements of a migration into transactions: as few as can be, and where the file has
 * `BEGIN` and `COMMIT` of its own, exactly those. A migration without statements has one empty group.
 */
export function groupStatements(
  { statements, file }: Pick<PreparedMigration, 'statements' | 'file'>,
  { name, boundaries = new Set() }: Options,
): Grouping {
  const state: State = { units: [], objections: [], group: [], beginText: undefined }
  const refuse = (reason: Reason, statement: Statement) => {
    const { no: statementNo, line, column } = statement
    const place = { migration: name, file: file ?? `${name}.sql`, statementNo, line, column }
    state.objections.push(objectTo(reason, place))
  }
  for (const statement of statements) {
    const reason = place(state, statement)
    if (reason !== undefined) refuse(reason, statement)
    if (statement.boundary === true || boundaries.has(statement.no)) close(state)
  }
  const last = statements.at(-1)
  if (state.beginText !== undefined && last !== undefined) refuse(reasons.openEnd, last)
  close(state)
  if (state.objections.length > 0) return { kind: 'refused', objections: state.objections }
  if (state.units.length === 0)
    state.units.push({ kind: 'group', statements: [], beginText: 'begin' })
  return { kind: 'grouped', units: state.units }
}

function place(state: State, statement: Statement): Reason | undefined {
  const { txClass, text } = statement
  const control = txClass === 'own' ? controlOf(text) : undefined
  if (control !== undefined) return placeControl(state, statement, control)
  if (txClass === 'alone' && state.beginText !== undefined) return reasons.aloneInside
  if (statement.batch !== undefined) {
    close(state)
    state.units.push({ kind: 'batches', statement, plan: statement.batch })
    return undefined
  }
  // Inside a transaction of the file nothing can commit; the server refuses what tries.
  if (state.beginText !== undefined || txClass === 'tx' || !standsAlone(statement)) {
    state.group.push(statement)
    return undefined
  }
  close(state)
  state.units.push({ kind: txClass === 'alone' ? 'alone' : 'opaque', statement })
  return undefined
}

/** In a file with its own transactions every statement is `own`; CALL and DO may bring theirs. */
function standsAlone({ txClass, text }: Statement): boolean {
  return txClass !== 'own' || /^(call|do)\b/.test(headOf(text, 1))
}

/** Whether a statement stands alone and ends transactions of its own, as CALL may. */
export function commitsItself(statement: Statement): boolean {
  const { txClass, text } = statement
  return txClass === 'own' && controlOf(text) === undefined && standsAlone(statement)
}

function placeControl(state: State, statement: Statement, control: Control): Reason | undefined {
  switch (control) {
    case 'begin':
      if (state.beginText !== undefined) return reasons.beginTwice
      close(state)
      state.beginText = statement.text
      state.group.push(statement)
      return undefined
    case 'commit':
    case 'chain': {
      const { beginText } = state
      state.group.push(statement)
      state.beginText = undefined
      close(state, beginText)
      if (control === 'chain') state.beginText = beginText
      return undefined
    }
    case 'rollback':
      state.beginText = undefined
      return reasons.rollback
    case 'prepare':
      return reasons.prepare
  }
}

function close(state: State, beginText = state.beginText): void {
  if (state.group.length === 0) return
  state.units.push({ kind: 'group', statements: state.group, beginText: beginText ?? 'begin' })
  state.group = []
}

const reasons = {
  openEnd: {
    code: 'unsupported-statement',
    en: {
      because: '{migration} begins a transaction that it never commits.',
      remedy: 'Add COMMIT at the end, or remove BEGIN: every file runs in a transaction anyway.',
    },
    he: {
      because: '{migration} פותח טרנזקציה שלעולם אינה נסגרת.',
      remedy: 'הוסיפו COMMIT בסוף, או הסירו את BEGIN: כל קובץ רץ בטרנזקציה ממילא.',
    },
  },
  beginTwice: {
    code: 'unsupported-statement',
    en: {
      because: '{migration} begins a transaction inside another one.',
      remedy: 'Remove the second BEGIN, or use SAVEPOINT.',
    },
    he: {
      because: '{migration} פותח טרנזקציה בתוך טרנזקציה.',
      remedy: 'הסירו את ה-BEGIN השני, או השתמשו ב-SAVEPOINT.',
    },
  },
  aloneInside: {
    code: 'unsupported-statement',
    en: {
      because: 'This statement cannot run inside the transaction that {migration} has begun.',
      remedy: 'Put COMMIT before it, or move it into a migration of its own.',
    },
    he: {
      because: 'פקודה זו אינה יכולה לרוץ בתוך הטרנזקציה ש-{migration} פתח.',
      remedy: 'הוסיפו לפניה COMMIT, או העבירו אותה למיגרציה משלה.',
    },
  },
  rollback: {
    code: 'unsupported-statement',
    en: {
      because: '{migration} rolls its own work back.',
      remedy: 'Remove what is rolled back together with BEGIN and ROLLBACK.',
    },
    he: {
      because: '{migration} מבטל את עבודתו שלו.',
      remedy: 'הסירו את מה שמבוטל יחד עם BEGIN ו-ROLLBACK.',
    },
  },
  prepare: {
    code: 'unsupported-statement',
    en: {
      because: 'Two-phase commit keeps its locks after the migration has ended.',
      remedy: 'Use BEGIN and COMMIT.',
    },
    he: {
      because: 'קומיט דו-שלבי משאיר נעילות גם אחרי סוף המיגרציה.',
      remedy: 'השתמשו ב-BEGIN וב-COMMIT.',
    },
  },
} as const satisfies Record<string, Reason>
