import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createOutbound } from '../../platform/outbound/outbound.ts'
import { Secret } from '../../platform/secret/secret.ts'
import {
  serveConfluence,
  wikiPerson,
} from '../../simulators/confluence/served-confluence.test-data.ts'
import { createConfluenceClient } from '../confluence/confluence-client.ts'

/** A media host: remembers who called with which headers. */
async function serveMedia(answer: { readonly status: number; readonly location?: string }) {
  const seen: (string | undefined)[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    const { status, location } = answer
    response.writeHead(status, location === undefined ? {} : { location }).end('the file')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function download(flavour: 'dc' | 'cloud', media: { origin: string }, allowed: string[]) {
  await using confluence = await serveConfluence(flavour, { mediaUrl: media.origin })
  await using outbound = createOutbound({
    allowed: { listed: [], trustedOrigins: () => [confluence.origin, ...allowed] },
  })
  const { emailAddress: email, apiToken, personalAccessToken } = wikiPerson()
  const credential =
    flavour === 'dc'
      ? ({ kind: 'pat', token: new Secret(personalAccessToken) } as const)
      : ({ kind: 'basic', email, token: new Secret(apiToken) } as const)
  const client = createConfluenceClient({
    outbound,
    flavour,
    baseUrl: confluence.url,
    credential,
  })
  const { id } = (await client.pageByTitle('TEAM', 'Stories')) ?? { id: '' }
  const bytes = Buffer.from('with us')
  const file = { fileName: 'a.txt', contentType: 'text/plain', bytes }
  const written = await client.upload(id, file)
  const [listed = written] = (await client.attachments(id)).items
  return Buffer.from(await client.download(listed, 1_000)).toString()
}

it('fetches a file of the Cloud from its media host, and shows the credential to nobody there [CON-11] [ASVS-13.2.4]', async () => {
  await using media = await serveMedia({ status: 200 })
  expect(await download('cloud', media, [media.origin])).toBe('the file')
  expect(media.seen).toEqual([undefined])
})

it('is sent once and no further, and nowhere where it may not go', async () => {
  await using media = await serveMedia({ status: 302, location: 'https://example.com/' })
  await expect(download('cloud', media, [media.origin])).rejects.toMatchObject({ kind: 'redirect' })
  await expect(download('cloud', media, [])).rejects.toMatchObject({ kind: 'not-allowed' })
  expect(media.seen).toHaveLength(1)
})

it('takes a file of a data center from itself alone', async () => {
  await using media = await serveMedia({ status: 200 })
  expect(await download('dc', media, [media.origin])).toBe('with us')
  expect(media.seen).toEqual([])
})
