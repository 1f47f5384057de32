/** A message that no client of HTTP would send, and whether it is whole: then an answer is due. */
export type BrokenMessage = {
  readonly name: string
  readonly bytes: Buffer
  /** Nothing more will come, and the receiver can know it. */
  readonly isWhole: boolean
}

type Head = { readonly method: string; readonly path: string; readonly cookie: string }

/** Broken framing, headers and bodies, as text after text for one route (RFC 9112). */
export function brokenMessages({ method, path, cookie }: Head): BrokenMessage[] {
  const line = `${method} ${path} HTTP/1.1\r\n`
  const usual = `Host: 127.0.0.1\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\n`
  const chunked = `${line}${usual}Transfer-Encoding: chunked\r\n\r\n`
  const whole: Record<string, string | Buffer> = {
    'no method': '\r\n\r\n\r\n\r\n',
    words: 'HELLO THERE\r\n\r\n',
    'the beginning of TLS': Buffer.from('160301020001000001fc0303', 'hex'),
    'HTTP/0.9': `GET ${path}\r\n\r\n`,
    'HTTP/9.9': `${method} ${path} HTTP/9.9\r\n${usual}\r\n`,
    'HTTP/1.0': `${method} ${path} HTTP/1.0\r\n${usual}\r\n`,
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'no host': `${line}\r\n`,
    'two hosts': `${line}Host: a\r\nHost: b\r\n\r\n`,
    'an unknown method': `EVIL ${path} HTTP/1.1\r\n${usual}\r\n`,
    'a method in small letters': `${method.toLowerCase()} ${path} HTTP/1.1\r\n${usual}\r\n`,
    'a method with NUL': Buffer.from(`${method}\0 ${path} HTTP/1.1\r\n${usual}\r\n`),
    CONNECT: `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${usual}\r\n`,
    'OPTIONS for all': `OPTIONS * HTTP/1.1\r\n${usual}\r\n`,
    'an absolute address': `${method} http://evil.example${path} HTTP/1.1\r\n${usual}\r\n`,
    'a path with NUL': `${method} ${path}%00 HTTP/1.1\r\n${usual}\r\n`,
    'a broken escape': `${method} ${path}/%zz%c0%af%ff HTTP/1.1\r\n${usual}\r\n`,
    'raw bytes in the path': Buffer.concat([
      Buffer.from(`${method} ${path}/`),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
      Buffer.from(` HTTP/1.1\r\n${usual}\r\n`),
    ]),
    'dots in the path': `${method} ${path}/../../../../etc/passwd HTTP/1.1\r\n${usual}\r\n`,
    'a path of 100 KB': `${method} ${path}/${'a'.repeat(100_000)} HTTP/1.1\r\n${usual}\r\n`,
    'a query of 10,000 parts': `${method} ${path}?${'a[]=1&'.repeat(2_000)} HTTP/1.1\r\n${usual}\r\n`,
    'a prototype in the query': `${method} ${path}?__proto__[x]=1&constructor=2 HTTP/1.1\r\n${usual}\r\n`,
    'a header of 100 KB': `${line}${usual}X-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
    '3,000 headers': `${line}${usual}${Array.from({ length: 3_000 }, (_, at) => `X-${at}: 1\r\n`).join('')}\r\n`,
    'a header without a colon': `${line}${usual}Broken\r\n\r\n`,
    'a header without a name': `${line}${usual}: value\r\n\r\n`,
    'a space before the colon': `${line}${usual}X-Space : 1\r\n\r\n`,
    'a folded header': `${line}${usual}X-Folded: a\r\n b\r\n\r\n`,
    'NUL in a header': Buffer.from(`${line}${usual}X-Nul: a\0b\r\n\r\n`),
    'bytes in a header': Buffer.concat([
      Buffer.from(`${line}${usual}X-Bytes: `),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28]),
      Buffer.from('\r\n\r\n'),
    ]),
    'a header of the prototype': `${line}${usual}__proto__: 1\r\nconstructor: 1\r\n\r\n`,
    'line ends without CR': `${line}${usual}\r\n`.replaceAll('\r\n', '\n'),
    'two different lengths': `${line}${usual}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    'the same length twice': `${line}${usual}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
    'a length and chunks': `${line}${usual}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a negative length': `${line}${usual}Content-Length: -1\r\n\r\n{}`,
    'a length in words': `${line}${usual}Content-Length: two\r\n\r\n{}`,
    'a length with an exponent': `${line}${usual}Content-Length: 1e3\r\n\r\n{}`,
    'a length of 30 digits': `${line}${usual}Content-Length: ${'9'.repeat(30)}\r\n\r\n{}`,
    'an unknown coding': `${line}${usual}Transfer-Encoding: gzip\r\n\r\n{}`,
    'chunked and not chunked': `${line}${usual}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'chunked twice': `${line}${usual}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a chunk of no size': `${chunked}zz\r\n{}\r\n0\r\n\r\n`,
    'a chunk of a negative size': `${chunked}-1\r\n{}\r\n0\r\n\r\n`,
    'a chunk of 16 exabytes': `${chunked}ffffffffffffffff\r\n{}`,
    'a chunk longer than it says': `${chunked}1\r\n{}{}{}\r\n0\r\n\r\n`,
    'a chunk with 100 KB beside its size': `${chunked}2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
    'trailers that set a host': `${chunked}2\r\n{}\r\n0\r\nHost: evil\r\nContent-Length: 5\r\n\r\n`,
    'an unknown expectation': `${line}${usual}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`,
    'an upgrade to nothing': `${line}${usual}Connection: Upgrade\r\nUpgrade: nothing\r\n\r\n`,
    'half an upgrade to WebSocket': `${line}${usual}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    'a type that is none': `${line}Host: a\r\nContent-Type: ///;;=\r\nContent-Length: 2\r\n\r\n{}`,
    'a character set that is none': `${line}Host: a\r\nContent-Type: application/json; charset=none\r\nContent-Length: 2\r\n\r\n{}`,
    'cookies of every kind': `${line}Host: a\r\nCookie: ;;;=;a;so_session=;so_session=%zz;__Host-so_session=a.b.c\r\n\r\n`,
    'a token without signature': `${line}Host: a\r\nCookie: so_session=eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJ4In0.\r\n\r\n`,
    'a cookie of 15 KB': `${line}Host: a\r\nCookie: so_session=${'a'.repeat(15_000)}\r\n\r\n`,
    'a host that is none': `${line}Host: ]:[/@\r\nOrigin: ]:[/@\r\n\r\n`,
    'ids that are none': `${line}${usual}X-Request-ID: ${'%0d%0a'.repeat(30)}\r\nTraceparent: 00-zz-zz-zz\r\nIdempotency-Key: \r\n\r\n`,
    'languages that are none': `${line}${usual}Accept-Language: ${'q=;'.repeat(2_000)}\r\nAccept: ;q=x,*\r\n\r\n`,
    'ranges that overlap': `${line}${usual}Range: bytes=${Array.from({ length: 500 }, () => '0-').join(',')}\r\n\r\n`,
    'dates that are none': `${line}${usual}If-Modified-Since: yesterday\r\nIf-None-Match: "\r\n\r\n`,
    'a hundred requests at once': `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(100),
  }
  const cut: Record<string, string> = {
    'half a line': line.slice(0, 8),
    'headers without an end': `${line}${usual}`,
    'a body that is shorter than its length': `${line}${usual}Content-Length: 50\r\n\r\n{`,
    'chunks without an end': `${chunked}2\r\n{}\r\n`,
  }
  const listOf = (cases: Record<string, string | Buffer>, isWhole: boolean) =>
    Object.entries(cases).map(([name, bytes]) => ({ name, isWhole, bytes: Buffer.from(bytes) }))
  return [...listOf(whole, true), ...listOf(cut, false)]
}
