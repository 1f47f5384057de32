/** Events that are pushed, as something to loop over. Leaving the loop early calls `left`. */
export async function* eventsOf<T>(
  work: (push: (event: T) => void) => Promise<void>,
  left: () => void,
): AsyncGenerator<T> {
  const waiting: T[] = []
  let wake = () => {}
  let isOver = false
  const running = work((event) => {
    waiting.push(event)
    wake()
  }).finally(() => {
    isOver = true
    wake()
  })
  // Its failure is told below, once what came before it has been.
  running.catch(() => {})
  try {
    for (;;) {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event
      if (isOver) break
      await new Promise<void>((resolve) => {
        wake = resolve
        if (waiting.length > 0 || isOver) resolve()
      })
    }
    await running
  } finally {
    if (!isOver) {
      left()
      await running.catch(() => {})
    }
  }
}
