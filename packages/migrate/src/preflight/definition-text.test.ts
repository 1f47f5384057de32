import { describe, expect, it } from 'vitest'
import {
  boundCondition,
  checkExpression,
  readExclusion,
  readForeignKey,
  readGroup,
  readIndex,
  readPartitionKey,
  splitList,
} from './definition-text.ts'

describe('definitions as the server prints them', () => {
  it('reads brackets past literals, quoted names and escapes [MIG-3]', () => {
    expect(readGroup(`(a = ')' or "b)" = E'\\')' or (c)) rest`, 0)?.inner).toBe(
      `a = ')' or "b)" = E'\\')' or (c)`,
    )
    expect(readGroup(`('it''s )')`, 0)?.inner).toBe(`'it''s )'`)
    expect(readGroup('(never closed', 0)).toBeUndefined()
    expect(splitList(`a, f(b, c), 'x,y', "d,e", ARRAY[1, 2]`)).toEqual([
      'a',
      'f(b, c)',
      `'x,y'`,
      '"d,e"',
      'ARRAY[1, 2]',
    ])
  })

  it('reads rules and keys [MIG-3]', () => {
    expect(checkExpression('CHECK ((a > (b))) NO INHERIT NOT VALID')).toBe('(a > (b))')
    expect(
      readForeignKey(
        'FOREIGN KEY ("A b", c) REFERENCES "S"."P(x"(id, "(k)") MATCH FULL ON DELETE CASCADE',
      ),
    ).toEqual({
      columns: ['A b', 'c'],
      parent: '"S"."P(x"',
      parentColumns: ['id', '(k)'],
      isFull: true,
    })
    expect(
      readForeignKey('FOREIGN KEY (id, PERIOD at) REFERENCES public.p(id, PERIOD at)'),
    ).toBeUndefined()
  })

  it('reads indexes and exclusions [MIG-3]', () => {
    expect(
      readIndex(
        `CREATE UNIQUE INDEX "i USING x" ON ONLY public."t(" USING btree (lower(a) COLLATE "C" text_pattern_ops DESC, "b c", ((d || 'x'::text))) INCLUDE (e) NULLS NOT DISTINCT WITH (fillfactor='70') WHERE (a ~ ' WHERE '::text)`,
      ),
    ).toEqual({
      expressions: ['lower(a) collate "C"', '"b c"', `((d || 'x'::text))`],
      operators: [],
      predicate: `(a ~ ' WHERE '::text)`,
      nullsAreEqual: true,
    })
    expect(
      readExclusion('EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (room > 0)'),
    ).toMatchObject({
      expressions: ['room', 'during'],
      operators: ['=', '&&'],
      predicate: '(room > 0)',
    })
    expect(readExclusion('UNIQUE (id, at WITHOUT OVERLAPS)')).toMatchObject({
      expressions: ['id', 'at'],
      operators: ['=', '&&'],
    })
  })

  it('says which rows belong into a partition [MIG-3]', () => {
    const key = readPartitionKey('RANGE (a, lower(b) COLLATE "C" text_ops)')
    expect(key).toEqual({ way: 'range', expressions: ['a', 'lower(b) collate "C"'] })
    expect(boundCondition(`FOR VALUES FROM (1, 'a') TO (5, MINVALUE)`, ['a', 'b'])).toBe(
      `(a) is not null and (b) is not null and ((a), (b)) >= (1, 'a') and ((a)) < (5)`,
    )
    expect(boundCondition('FOR VALUES FROM (MINVALUE) TO (MAXVALUE)', ['a'])).toBe(
      '(a) is not null',
    )
    expect(boundCondition(`FOR VALUES IN ('x', NULL)`, ['a'])).toBe(
      `(coalesce((a) in ('x'), false) or (a) is null)`,
    )
    expect(boundCondition('FOR VALUES WITH (modulus 4, remainder 1)', ['a'])).toBeUndefined()
    expect(boundCondition('DEFAULT', ['a'])).toBeUndefined()
  })
})
