type Ports = {
  /** Of the canary, which listens on every address of this machine. */
  readonly canary: number
  /** Of a listed address that answers with a redirect to the canary. */
  readonly redirecting: number
}

const spellings =
  '127.0.0.1 127.1 127.0.1 127.1.2.3 2130706433 0x7f000001 0x7f.1 0x7F.0x0.0x0.0x1 0177.0.0.1 0177.0.0.01 ' +
  '017700000001 0 0.0.0.0 00000000 127.0.0.1. %31%32%37.0.0.1 127%2e0%2e0%2e1 ①②⑦.⓪.⓪.① 127。0。0。1 ' +
  '127．0．0．1 １２７.0.0.1 [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] ' +
  '[::ffff:0:7f00:1] [::127.0.0.1] [::7f00:1] [64:ff9b::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] ' +
  '[2002:7f00:1::] [2001:0:7f00:1::] [2001::1] [fe80::1] [fe80::5efe:7f00:1] [fec0::1] [ff02::1] [fc00::1] ' +
  '[fd00:ec2::254] [fd12:3456::1] [2001:db8::1] [100::1] [::ffff:a9fe:a9fe] [::ffff:0a00:1] ' +
  '169.254.169.254 169.254.170.2 168.63.129.16 100.100.100.200 0xa9fea9fe 2852039166 10.0.0.5 10.255.255.255 ' +
  '172.16.0.9 172.31.255.1 192.168.1.1 100.64.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 ' +
  '203.0.113.7 224.0.0.1 240.0.0.1 255.255.255.255 localhost LOCALHOST localhost. ⓛocalhost LoCaLhOsT ' +
  'localhost.localdomain inside.example inside.example. INSIDE.example mixed.example ınside.example ' +
  'xn--insde-q4a.example 127.0.0.1.nip.example jira.corp.example metadata.google.internal rebind.example'

/** Addresses inside, in every spelling that has fooled somebody; none is listed (S-04). */
export function trickyUrls({ canary, redirecting }: Ports): string[] {
  const hosts = spellings.split(' ')
  return [
    ...hosts.flatMap((host) => [`http://${host}:${canary}/`, `https://${host}:${canary}/`]),
    `http://user@127.0.0.1:${canary}/`,
    `http://user:secret@127.0.0.1:${canary}/`,
    `http://jira.example@127.0.0.1:${canary}/`,
    `http://jira.example%40127.0.0.1:${canary}/`,
    `http://jira.example:80@127.0.0.1:${canary}/`,
    `http://127.0.0.1:${canary}#@jira.example/`,
    `http://127.0.0.1:${canary}?@jira.example/`,
    `http://127.0.0.1:${canary}\\@jira.example/`,
    `http://jira.example\\@127.0.0.1:${canary}/`,
    `http:127.0.0.1:${canary}/`,
    `http:/127.0.0.1:${canary}/`,
    `http:\\\\127.0.0.1:${canary}\\`,
    `http:////127.0.0.1:${canary}/`,
    `//127.0.0.1:${canary}/`,
    `\thttp://127.0.0.1:${canary}/`,
    `ht\ntp://127.0.0.1:${canary}/`,
    `http://127.0.0\t.1:${canary}/`,
    `HTTP://127.0.0.1:0${canary}/`,
    `http://127.0.0.1:${canary}/..;/`,
    `http://127.0.0.1:${canary}/demo/jira/`,
    `http://[::1%25lo]:${canary}/`,
    `http://[::ffff:127.0.0.1%25lo]:${canary}/`,
    `http://127.0.0.1:${canary},jira.example/`,
    `http://127.0.0.1 :${canary}/`,
    `http://127.0.0.1%00.jira.example:${canary}/`,
    `http://127.0.0.1%0d%0aHost:jira.example:${canary}/`,
    `http://127.0.0.2:${redirecting}/`,
    `http://127.0.0.2:${redirecting}/rest`,
    'file:///etc/passwd',
    `gopher://127.0.0.1:${canary}/_x`,
    `ftp://127.0.0.1:${canary}/`,
    `ws://127.0.0.1:${canary}/`,
    `dict://127.0.0.1:${canary}/`,
    `ldap://127.0.0.1:${canary}/`,
    `jar:http://127.0.0.1:${canary}/!/`,
    `unix:/var/run/docker.sock`,
    'data:application/json,{}',
    'blob:http://127.0.0.1/x',
    // oxlint-disable-next-line no-script-url -- to be refused
    'javascript:alert(1)',
  ]
}

/** What the names among them lead to; the second question for `rebind.example` leads inside. */
export function trickyLookup(): (name: string) => Promise<{ address: string }[]> {
  let asked = 0
  const inside = [{ address: '127.0.0.1' }]
  const known: Readonly<Record<string, () => { address: string }[]>> = {
    'rebind.example': () => [{ address: (asked += 1) % 2 === 1 ? '127.0.0.2' : '127.0.0.1' }],
    'mixed.example': () => [{ address: '1.1.1.1' }, ...inside],
    'jira.corp.example': () => [{ address: '10.1.2.3' }],
    'metadata.google.internal': () => [{ address: '169.254.169.254' }],
    localhost: () => [...inside, { address: '::1' }],
  }
  return async (name) => known[name]?.() ?? (name.endsWith('.example') ? inside : [])
}
