import { createHmac } from 'node:crypto'
import type { Present } from './trello-present.ts'
import type { ActionRow, TrelloState, WebhookRow } from './trello-state.ts'

type Options = {
  readonly state: () => TrelloState
  readonly present: () => Present
  /** The application's secret, with which calls are signed. */
  readonly secret: string
}

const failuresMax = 1_000

/** Calls back those who asked for it, one call after the other, each signed as Trello signs. */
export function createWebhooks({ state, present, secret }: Options) {
  let line: Promise<unknown> = Promise.resolve()
  const calls = new AbortController()

  async function call(hook: WebhookRow, action: ActionRow): Promise<void> {
    const { idMember: _, ...webhook } = hook
    const body = JSON.stringify({
      model: { id: hook.idModel },
      action: present().action(action),
      webhook,
    })
    const signature = createHmac('sha1', secret)
      .update(body)
      .update(hook.callbackURL)
      .digest('base64')
    const headers = { 'content-type': 'application/json', 'x-trello-webhook': signature }
    const answer = await fetch(hook.callbackURL, {
      method: 'POST',
      headers,
      body,
      signal: calls.signal,
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`status ${answer.status}`)
  }

  async function deliver(hook: WebhookRow, action: ActionRow): Promise<void> {
    try {
      await call(hook, action)
      hook.consecutiveFailures = 0
    } catch {
      hook.consecutiveFailures += 1
      if (hook.consecutiveFailures >= failuresMax) hook.active = false
    }
  }

  const concerns = ({ idModel }: WebhookRow, { idBoard, idCard, data }: ActionRow): boolean => {
    const list = data['list']
    const idList = typeof list === 'object' && list !== null ? Reflect.get(list, 'id') : undefined
    return [idBoard, idCard, idList].includes(idModel)
  }

  return {
    /** What a callback answers to HEAD when a webhook is made; 0 where nobody answers. */
    async knock(callbackUrl: string): Promise<number> {
      try {
        return (await fetch(callbackUrl, { method: 'HEAD', signal: calls.signal })).status
      } catch {
        return 0
      }
    },
    announce(action: ActionRow): void {
      for (const hook of state().webhooks)
        if (hook.active && concerns(hook, action)) line = line.then(() => deliver(hook, action))
    },
    /** Resolves when everything that happened so far was told. */
    settled: () => line,
    stop: () => calls.abort(),
  }
}

export type Webhooks = ReturnType<typeof createWebhooks>
