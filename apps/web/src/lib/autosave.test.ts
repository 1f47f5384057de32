import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAutosave } from './autosave.ts'

type Draft = { text: string; project: string }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('sends the changes of two seconds as one request [STY-1]', async () => {
  const save = vi.fn(async () => {})
  const autosave = createAutosave<Draft>({ save })

  autosave.change({ text: 'a' })
  await vi.advanceTimersByTimeAsync(1_000)
  autosave.change({ text: 'ab', project: 'PAY' })
  expect(save).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1_000)

  expect(save.mock.calls).toEqual([[{ text: 'ab', project: 'PAY' }]])
  expect(autosave.state()).toEqual({ kind: 'saved' })
})

it('never has two requests under way, and loses nothing that was typed meanwhile', async () => {
  const first = Promise.withResolvers<void>()
  const save = vi.fn(async (_: Partial<Draft>) => {}).mockReturnValueOnce(first.promise)
  const autosave = createAutosave<Draft>({ save })
  autosave.change({ text: 'a' })
  await vi.advanceTimersByTimeAsync(2_000)

  autosave.change({ text: 'b' })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(save).toHaveBeenCalledOnce()
  first.resolve()
  await vi.advanceTimersByTimeAsync(0)

  expect(save.mock.calls).toEqual([[{ text: 'a' }], [{ text: 'b' }]])
  expect(autosave.state()).toEqual({ kind: 'saved' })
})

it('keeps what could not be saved, says so, and tries again with the newest', async () => {
  const save = vi.fn(async (_: Partial<Draft>) => {}).mockRejectedValueOnce(new Error('away'))
  const autosave = createAutosave<Draft>({ save })
  autosave.change({ text: 'a', project: 'PAY' })
  await vi.advanceTimersByTimeAsync(2_000)
  expect(autosave.state()).toMatchObject({ kind: 'failed', error: { message: 'away' } })

  autosave.change({ text: 'b' })
  await vi.advanceTimersByTimeAsync(10_000)

  expect(save.mock.calls.at(-1)).toEqual([{ text: 'b', project: 'PAY' }])
  expect(autosave.state()).toEqual({ kind: 'saved' })
})

it('says whether a flush has kept everything', async () => {
  const save = vi.fn(async (_: Partial<Draft>) => {}).mockRejectedValueOnce(new Error('away'))
  const autosave = createAutosave<Draft>({ save })

  expect(await autosave.flush()).toBe(true)
  autosave.change({ text: 'a' })
  expect(await autosave.flush()).toBe(false)
  expect(await autosave.flush()).toBe(true)
  expect(save).toHaveBeenCalledTimes(2)
})

it('does not repeat what a repetition cannot mend, nor anything after it was closed', async () => {
  const save = vi.fn(async (_: Partial<Draft>) => Promise.reject(new Error('refused')))
  const refused = createAutosave<Draft>({ save, isPassing: () => false })
  refused.change({ text: 'a' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(save).toHaveBeenCalledOnce()

  const left = createAutosave<Draft>({ save })
  left.change({ text: 'b' })
  expect(await left.close()).toBe(false)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(save).toHaveBeenCalledTimes(2)
})
