import type { Fact, Facts } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { dropSql } from '../inverse/drop-sql.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'

/** One thing that somebody does to a declared object by hand, as a superuser. */
export type Damage = {
  /** Of the object. */
  readonly key: string
  readonly kind: string
  readonly statements: readonly string[]
}

type Maker = (fact: Fact) => Damage[]

const dropped: Maker = (fact) => [
  {
    key: fact.key,
    kind: `drop ${fact.kind}`,
    statements: dropSql(fact).map((text) => `${text} cascade`),
  },
]

const makers: Readonly<Partial<Record<Fact['kind'], Maker>>> = {
  column: columnDamages,
  constraint: (fact) => (isHandedDown(fact) ? [] : dropped(fact)),
  index: (fact) =>
    fact.values['constraint'] !== undefined || fact.values['partOf'] !== undefined
      ? []
      : [...dropped(fact), ...invalidated(fact)],
  view: dropped,
  'materialized-view': dropped,
  policy: dropped,
  statistics: dropped,
  'domain-constraint': dropped,
  trigger: (fact) =>
    isHandedDown(fact)
      ? []
      : [
          ...dropped(fact),
          {
            key: fact.key,
            kind: 'disable trigger',
            statements: [`alter table ${parentOf(fact)} disable trigger ${quoteName(fact.name)}`],
          },
        ],
  function: (fact) => (fact.values['form'] === 'aggregate' ? [] : dropped(fact)),
  sequence: (fact) =>
    fact.values['identity'] === true || fact.values['ownedBy'] === undefined
      ? []
      : [
          {
            key: fact.key,
            kind: 'disown sequence',
            statements: [`alter sequence ${nameOf(fact)} owned by none`],
          },
        ],
  table: (fact) => [
    {
      key: fact.key,
      kind: 'row security',
      statements: [
        `alter table ${nameOf(fact)} ${fact.values['rowSecurity'] === true ? 'disable' : 'enable'} row level security`,
      ],
    },
  ],
}

function isHandedDown({ values }: Fact): boolean {
  return values['inherited'] === true || values['partOf'] !== undefined
}

/** As a build leaves it that was killed. */
function invalidated(fact: Fact): Damage[] {
  return [
    {
      key: fact.key,
      kind: 'invalid index',
      statements: [
        `update pg_index set indisvalid = false where indexrelid = '${nameOf(fact).replaceAll("'", "''")}'::regclass`,
      ],
    },
  ]
}

function columnDamages(fact: Fact): Damage[] {
  if (fact.values['of'] !== undefined || isHandedDown(fact)) return []
  const head = `alter table ${parentOf(fact)} alter column ${quoteName(fact.name)}`
  const damage = (kind: string, text: string): Damage => ({
    key: fact.key,
    kind,
    statements: [`${head} ${text}`],
  })
  const { identity, generated, notNull } = fact.values
  const isPlain = identity === undefined && generated === undefined
  const hasDefault = isPlain && fact.values['default'] !== undefined
  return [
    ...dropped(fact),
    ...(hasDefault ? [damage('drop default', 'drop default')] : []),
    ...(notNull === true && identity === undefined
      ? [damage('drop not null', 'drop not null')]
      : []),
    ...(isPlain && /^(?:integer|smallint)$/.test(textOf(fact.values['type']))
      ? [damage('widen', 'type bigint')]
      : []),
  ]
}

/** Everything that can be done to one object of a schema. Some of it the server will refuse. */
export function damagesOf({ rows }: Pick<Facts, 'rows'>): Damage[] {
  return rows.flatMap((fact) => makers[fact.kind]?.(fact) ?? [])
}
