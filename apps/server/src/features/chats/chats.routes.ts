import * as api from '@studioops/contracts/chats'
import type { Router } from '../../platform/http/route.ts'
import type { ChatService } from './chats.service.ts'

export function registerChatRoutes(router: Router, chats: ChatService): void {
  router.serve(api.listChats, async ({ principal, query }) => {
    const { projectId, archived: isArchived, search = '', limit } = query
    const filter = { projectId, isArchived, search, limit }
    return { chats: await chats.list(principal.userId, filter) }
  })

  router.serve(api.createChat, async ({ principal, body, language }) => ({
    chat: await chats.create({ userId: principal.userId, language }, body.projectId),
  }))

  router.serve(api.getChat, async ({ principal, params, language }) => ({
    chat: await chats.show({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.updateChat, async ({ principal, params, body, language }) => ({
    chat: await chats.update({ userId: principal.userId, ...params, language }, body),
  }))

  router.serve(api.deleteChat, async ({ principal, params, language }) => {
    await chats.remove({ userId: principal.userId, ...params, language })
    return {}
  })

  router.serve(api.restoreChat, async ({ principal, params, language }) => ({
    chat: await chats.restore({ userId: principal.userId, ...params, language }),
  }))

  router.serve(api.askChat, ({ principal, params, body, language }) =>
    chats.ask({ userId: principal.userId, ...params, language }, body),
  )

  router.serve(api.regenerateMessage, ({ principal, params, language }) => {
    const { chatId, messageId } = params
    return chats.regenerate({ userId: principal.userId, chatId, language }, messageId)
  })

  router.serve(api.exportChat, ({ principal, params, query, language }) =>
    chats.export({ userId: principal.userId, ...params, language }, query.format),
  )

  router.serve(api.approveCall, async ({ principal, params, body, language }) => ({
    chat: await chats.approve({ userId: principal.userId, ...params, language }, body.payloadHash),
  }))

  router.serve(api.editCall, async ({ principal, params, body, language }) => ({
    chat: await chats.edit({ userId: principal.userId, ...params, language }, body.arguments),
  }))

  router.serve(api.rejectCall, async ({ principal, params, body, language }) => ({
    chat: await chats.reject({ userId: principal.userId, ...params, language }, body.reason),
  }))
}
