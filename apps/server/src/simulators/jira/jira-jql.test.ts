import { describe, expect, it } from 'vitest'
import { parseJql } from './jira-jql.ts'

const clause = (field: string, operator: string, ...values: string[]) => ({
  kind: 'clause',
  field,
  operator,
  values,
})

describe('JQL', () => {
  it.each([
    ['project = PAY', clause('project', '=', 'PAY')],
    ['project=PAY', clause('project', '=', 'PAY')],
    ['labels = "so-a b"', clause('labels', '=', 'so-a b')],
    [`summary ~ 'don\\'t'`, clause('summary', '~', "don't")],
    ['summary ~ "\\"one two\\""', clause('summary', '~', '"one two"')],
    ['summary ~ "\\u05e9"', clause('summary', '~', 'ש')],
    ['key in (PAY-1, "PAY-2")', clause('key', 'in', 'PAY-1', 'PAY-2')],
    ['labels NOT IN (a)', clause('labels', 'not in', 'a')],
    ['assignee is EMPTY', clause('assignee', 'is empty')],
    ['assignee is not null', clause('assignee', 'is not empty')],
    ['reporter = currentUser()', clause('reporter', '=', 'currentUser()')],
    ['created >= -1d', clause('created', '>=', '-1d')],
    ['cf[10016] > 1', clause('cf[10016]', '>', '1')],
    ['"Story Points" <= 3', clause('Story Points', '<=', '3')],
  ])('reads %s', (text, where) => {
    expect(parseJql(text)).toEqual({ where, orderBy: [] })
  })

  it('binds AND closer than OR, and brackets closest', () => {
    expect(parseJql('a = 1 OR b = 2 AND NOT (c = 3 or d = 4)').where).toEqual({
      kind: 'or',
      parts: [
        clause('a', '=', '1'),
        {
          kind: 'and',
          parts: [
            clause('b', '=', '2'),
            {
              kind: 'not',
              part: { kind: 'or', parts: [clause('c', '=', '3'), clause('d', '=', '4')] },
            },
          ],
        },
      ],
    })
  })

  it('reads orders, with and without a condition', () => {
    const orderBy = [
      { field: 'created', direction: 'desc' },
      { field: 'key', direction: 'asc' },
    ]
    expect(parseJql('order by created DESC, key').orderBy).toEqual(orderBy)
    expect(parseJql('project = PAY ORDER BY created desc, key asc').orderBy).toEqual(orderBy)
    expect(parseJql('')).toEqual({ where: undefined, orderBy: [] })
  })

  it.each([
    ['project', /operator.*end of the query/],
    ['project =', /value/],
    ['project = PAY AND', /value/],
    ['summary ~ and', /reserved JQL word/],
    ['summary ~ "open', /has not been completed/],
    ['key in (PAY-1', /'\)' or ','/],
    ['key in PAY-1', /'\('/],
    ['assignee is PAY', /EMPTY or NULL/],
    ['project = PAY labels = x', /AND, OR or ORDER BY/],
    ['project = PAY order created', /'by'/],
    ['(project = PAY', /'\)'/],
  ])('refuses %s', (text, reason) => {
    expect(() => parseJql(text)).toThrow(reason)
  })
})
