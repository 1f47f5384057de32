import { approvalHash } from '../../platform/approval/approval-hash.ts'

/** By the server that is written to: each has a queue of its own in the outbox. */
const kinds = {
  jira: 'chat.jira.call',
  confluence: 'chat.confluence.call',
  trello: 'chat.trello.call',
} as const
export const foreignKind = 'chat.tools.call'
export const callKinds = { ...kinds, tools: foreignKind } as const

export type CallTarget = {
  readonly callId: string
  readonly server: string
  readonly serverName: string
  readonly tool: string
  /** Base URL, or the address of a server of somebody else. */
  readonly place: string
}

export type CallWish = CallTarget & { readonly arguments: unknown }

export const causeOf = (callId: string) => `chat-call:${callId}`

/** What an approval of a call approves, and its hash: exactly these arguments, for this place (D-25). */
export function draftOf({ arguments: args, ...target }: CallWish) {
  const kind = Object.hasOwn(kinds, target.server)
    ? kinds[target.server as keyof typeof kinds]
    : foreignKind
  const payload = { arguments: args }
  return { kind, target, payload, payloadHash: approvalHash({ kind, target, payload }) }
}
