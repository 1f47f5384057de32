import { countGraphemes, limits } from '@studioops/contracts/limits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  contentOf,
  editorStateOf,
  type EditorAction,
  editStory,
  faultyFields,
} from './editor-state.ts'
import { sampleContent } from './story-samples.ts'

const play = (...actions: EditorAction[]) =>
  actions.reduce(editStory, editorStateOf(sampleContent()))
const textsOf = (...actions: EditorAction[]) => contentOf(play(...actions)).acceptanceCriteria

const [first = '', second = '', third = ''] = sampleContent().acceptanceCriteria

describe('editing a story by hand', () => {
  it('gives back what it was opened with', () => {
    expect(contentOf(editorStateOf(sampleContent('he')))).toEqual(sampleContent('he'))
  })

  it('moves an entry, and leaves it where it is at the ends', () => {
    expect(textsOf({ type: 'move', list: 'criteria', id: 0, by: 1 })).toEqual([
      second,
      first,
      third,
    ])
    expect(textsOf({ type: 'move', list: 'criteria', id: 0, by: -1 })).toEqual([
      first,
      second,
      third,
    ])
    expect(textsOf({ type: 'move', list: 'criteria', id: 2, by: 1 })).toEqual([
      first,
      second,
      third,
    ])
  })

  it('brings a removed entry back to its place', () => {
    const removal: EditorAction = { type: 'remove', list: 'criteria', id: 1 }
    expect(textsOf(removal)).toEqual([first, third])
    expect(textsOf(removal, { type: 'restore' })).toEqual([first, second, third])
    const other: EditorAction = { type: 'remove', list: 'scenarios', id: 3 }
    expect(contentOf(play(other)).scenarios).toEqual([])
    expect(contentOf(play(other, { type: 'restore' }))).toEqual(sampleContent())
  })

  it('never loses or doubles an entry, whatever is moved', () => {
    const move = fc.record({
      type: fc.constant('move' as const),
      list: fc.constant('criteria' as const),
      id: fc.nat(4),
      by: fc.constantFrom(1 as const, -1 as const),
    })
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        expect(textsOf(...moves).toSorted()).toEqual([first, second, third].toSorted())
      }),
    )
  })

  it('does not save entries in which nothing stands', () => {
    const added = play({ type: 'add', list: 'criteria' }, { type: 'add', list: 'scenarios' })
    expect(added.criteria).toHaveLength(4)
    expect(contentOf(added)).toEqual(sampleContent())
  })

  it.each([
    ['3', 3],
    ['0.5', 0.5],
    ['0,5', 0.5],
    ['', 0],
  ])('reads %j story points as %d', (text, points) => {
    expect(contentOf(play({ type: 'points', text })).storyPoints).toBe(points)
  })

  it('names the fields that the server would refuse', () => {
    const long = '👩‍🚀'.repeat(limits.criterionGraphemes + 1)
    expect(countGraphemes(long)).toBe(limits.criterionGraphemes + 1)
    const state = play(
      { type: 'add', list: 'criteria' },
      { type: 'criterion', id: 4, text: long },
      { type: 'points', text: 'three' },
      { type: 'scenario', id: 3, part: 'name', text: long },
      { type: 'stlc', section: 'data', text: 'x'.repeat(limits.sectionGraphemes + 1) },
    )
    expect([...faultyFields(state)].toSorted()).toEqual([
      'criteria.4',
      'points',
      'scenarios.3.name',
      'stlcNotes.data',
    ])
    expect([...faultyFields(play())]).toEqual([])
  })
})
