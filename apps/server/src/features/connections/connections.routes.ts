import * as api from '@studioops/contracts/connections'
import type { Principal } from '../../platform/http/principal.ts'
import { requireStepUp, type Router } from '../../platform/http/route.ts'
import type { OutboxService } from '../outbox/index.ts'
import { readAuthority } from '../../platform/outbound/certificate-authority.ts'
import type { Viewer } from './connections.present.ts'
import type { ConnectionService } from './connections.service.ts'
import type { ConnectionForm, KeptSystem } from './connections.vault.ts'
import type { WorkspaceConnections } from './connections.workspace.ts'

type Dependencies = {
  readonly router: Router
  readonly connections: ConnectionService
  readonly workspace: WorkspaceConnections
  readonly outbox: Pick<OutboxService, 'countOpen'>
}

type Asking = { readonly principal: Principal; readonly language: Viewer['language'] }

function viewerOf({ principal, language }: Asking): Viewer {
  return { language, runsWorkspace: ['owner', 'admin'].includes(principal.role) }
}

export function registerConnectionRoutes(dependencies: Dependencies): void {
  const { router, connections, outbox } = dependencies

  router.serve(api.listConnections, async ({ principal, language }) =>
    connections.show(principal.userId, language),
  )

  router.serve(api.testJira, async (call) =>
    connections.testJira(call.principal.userId, call.body, viewerOf(call)),
  )

  router.serve(api.replaceJiraToken, async (call) =>
    connections.saveJira(call.principal.userId, call.body, viewerOf(call)),
  )

  registerKept(dependencies)

  router.serve(api.revealSecret, async ({ principal: { userId }, params: { system }, body }) =>
    connections.reveal({ userId, system }, body.secret),
  )

  router.serve(api.readCertificate, async ({ body }) => readAuthority(body.certificate).facts)

  router.serve(api.getDashboard, async ({ principal: { userId } }) => ({
    features: await connections.features(userId),
    outboxOpen: await outbox.countOpen(userId),
    broken: await connections.broken(userId),
  }))

  registerWorkspace(dependencies)
}

/** Confluence, Trello and the model: three sections that do the same. */
function registerKept({ router, connections }: Dependencies): void {
  const shown = async <S extends 'confluence' | 'trello' | 'model'>(asking: Asking, system: S) =>
    (await connections.show(asking.principal.userId, asking.language))[system]
  const keep = async (call: Asking, system: KeptSystem, form: ConnectionForm) => {
    const place = placeOf(call, system)
    if (await connections.isReplacing(place, form)) requireStepUp(call.principal)
    await connections.save(place, form)
  }

  router.serve(api.testConfluence, async (call) =>
    connections.test(placeOf(call, 'confluence'), call.body, viewerOf(call)),
  )
  router.serve(api.saveConfluence, async (call) => {
    await keep(call, 'confluence', call.body)
    return shown(call, 'confluence')
  })
  router.serve(api.removeConfluence, async (call) => {
    await connections.remove(placeOf(call, 'confluence'))
    return shown(call, 'confluence')
  })

  router.serve(api.testTrello, async (call) =>
    connections.test(placeOf(call, 'trello'), call.body, viewerOf(call)),
  )
  router.serve(api.saveTrello, async (call) => {
    await keep(call, 'trello', call.body)
    return shown(call, 'trello')
  })
  router.serve(api.removeTrello, async (call) => {
    await connections.remove(placeOf(call, 'trello'))
    return shown(call, 'trello')
  })

  router.serve(api.testModel, async (call) => {
    const { apiKey: key, ...form } = call.body
    return connections.test(placeOf(call, 'model'), { ...form, key }, viewerOf(call))
  })
  router.serve(api.saveModel, async (call) => {
    const { apiKey: key, ...form } = call.body
    await keep(call, 'model', { ...form, key })
    return shown(call, 'model')
  })
  router.serve(api.removeModel, async (call) => {
    await connections.remove(placeOf(call, 'model'))
    return shown(call, 'model')
  })
}

function placeOf<S extends string>({ principal: { userId } }: Asking, system: S) {
  return { userId, system }
}

function registerWorkspace({ router, workspace }: Dependencies): void {
  router.serve(api.getWorkspaceConnections, async ({ principal, language }) =>
    workspace.show(principal.userId, language),
  )
  router.serve(api.checkCredentials, async ({ principal }) => workspace.checkAll(principal.userId))
  router.serve(api.saveJiraBaseUrls, async ({ principal, body }) =>
    workspace.saveJiraBaseUrls(principal.userId, body.urls),
  )
  router.serve(api.testObjectStore, async ({ principal, body, language }) =>
    workspace.testObjectStore(principal.userId, body, language),
  )
  router.serve(api.saveObjectStore, async ({ principal, body }) =>
    workspace.saveObjectStore(principal.userId, body),
  )
  router.serve(api.removeObjectStore, async ({ principal }) =>
    workspace.removeObjectStore(principal.userId),
  )
}
