import type { KeyPart } from './row-source.ts'

export type ProbeKind =
  /** SET NOT NULL, PRIMARY KEY. */
  | 'not-null'
  /** A column without a default that needs a value. */
  | 'required-column'
  | 'unique'
  | 'foreign-key'
  | 'check'
  /** A rule of a domain, for each column of its type. */
  | 'domain'
  /** ALTER TYPE, a computed column or an index over an expression: can every value be computed? */
  | 'convert'
  | 'exclude'
  /** Rows of a table that becomes a partition. */
  | 'partition'
  /** Rows of the default partition that belong into a new one. */
  | 'default-partition'

/** A question to the rows that are there: would this statement fail on them? */
export type ProbePlan = {
  readonly kind: ProbeKind
  readonly migration: string
  readonly statementNo: number
  readonly file: string
  readonly line: number
  readonly column: number
  /** The constraint, the column or the index, as SQL names it in the plan. */
  readonly object: string
  /** Live table that is asked, qualified and quoted. */
  readonly table: string
  readonly question: Question
}

export type Question =
  /** Rows that the statement would trip over. */
  | {
      readonly kind: 'rows'
      /** All of them, without LIMIT: select list, FROM and conditions follow each other. */
      readonly from: string
      readonly where: string
      /** GROUP BY and HAVING; empty where rows are looked at one by one. */
      readonly grouped: string
      /** The statement computes just this for every row, so an error about data is an answer, too. */
      readonly computesAll?: true
      readonly key: readonly KeyPart[]
    }
  /** Every value is computed; an error of class 22 or 23 is the answer. */
  | {
      readonly kind: 'values'
      readonly expressions: readonly string[]
      readonly from: string
      readonly where: string
      /** Finds one that cannot be computed, where the server knows how (16 and later). */
      readonly culprit: (Question & { kind: 'rows' }) | undefined
    }
  /** Cannot be asked before the plan runs. */
  | { readonly kind: 'none'; readonly because: string }

/** A probe and what came of it. */
export type Probe = Omit<ProbePlan, 'question'> & {
  /** The question as SQL, to be run by hand; finds all rows, not only the first. */
  readonly query: string
  readonly outcome:
    | { readonly kind: 'passed' }
    | {
        readonly kind: 'failed'
        /** Names one of the rows. For the operator's eyes only: never to be stored or logged. */
        readonly key: Readonly<Record<string, string>>
        /** Of a value that cannot be computed. */
        readonly sqlstate: string | undefined
      }
    /** Only running the plan will tell; the statement counts as unproven. */
    | { readonly kind: 'skipped'; readonly because: string }
    /** The time that one probe may take was not enough. */
    | { readonly kind: 'timed-out' }
}
