import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPartialReply } from './partial-story.ts'
import { sampleContent } from './story-samples.ts'

const reply = JSON.stringify({ kind: 'story', ...sampleContent('he') })

describe('reading an unfinished reply', () => {
  it('never throws and never shows what was not written, wherever the text ends [STR-3]', () => {
    const whole = sampleContent('he')
    fc.assert(
      fc.property(fc.nat(reply.length), (end) => {
        const read = readPartialReply(reply.slice(0, end))
        if (read.kind !== 'story') return
        expect(whole.summary.startsWith(read.story.summary ?? '')).toBe(true)
        read.story.acceptanceCriteria.forEach((criterion, index) => {
          expect(whole.acceptanceCriteria[index]?.startsWith(criterion)).toBe(true)
        })
        expect([undefined, whole.storyPoints]).toContain(read.story.storyPoints)
      }),
    )
  })

  it('reads the finished text as it is', () => {
    expect(readPartialReply(reply)).toEqual({ kind: 'story', story: sampleContent('he') })
  })

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readPartialReply(text).kind).toMatch(/nothing|question|story/)
      }),
    )
    fc.assert(
      fc.property(fc.json(), fc.nat(200), (text, end) => {
        expect(readPartialReply(text.slice(0, end)).kind).toMatch(/nothing|question|story/)
      }),
    )
  })

  it.each([
    ['', 'nothing'],
    ['Sure! ', 'nothing'],
    ['{"kind":"cl', 'question'],
    ['{"kind":"clarify","question":"Wh', 'question'],
    ['```json\n{"kind":"story","summary":"A', 'story'],
  ])('reads %j as %s', (text, kind) => {
    expect(readPartialReply(text).kind).toBe(kind)
  })

  it('never shows half a character', () => {
    const read = readPartialReply('{"kind":"story","summary":"go \\ud83d')
    expect(read).toMatchObject({ story: { summary: 'go ' } })
  })

  it('waits for the end of a number', () => {
    expect(readPartialReply('{"kind":"story","storyPoints":1')).toMatchObject({
      story: { storyPoints: undefined },
    })
  })
})
