/** What the verbs refuse: a clear error, before anything is sent. */

import { describe, expect, it } from 'vitest'
import * as nft from '../../src/nftables-sync.js'

// A namespace that there is not: what got past the checks would fail by it.
const netns = 'there-is-none'
const port = (options: object) => () =>
  nft.publishPort({ hostPort: 80, to: '10.0.0.2:80', netns, ...options })
const masquerade = (options: object) => () => nft.masquerade({ source: '10.0.0.0/8', netns, ...options })
const block = (options: object) => () => nft.blockPort({ port: 22, netns, ...options })

const refused: [
  what: string,
  call: () => unknown,
  error: typeof RangeError | typeof TypeError,
  message: string,
][] = [
  ['port 0', port({ hostPort: 0 }), RangeError, 'hostPort: 0 is not a port from 1 to 65535'],
  ['port 65536', port({ hostPort: 65536 }), RangeError, 'hostPort: 65536 is not a port from 1 to 65535'],
  [
    "port '80'",
    port({ hostPort: '80' }),
    TypeError,
    "hostPort: '80' is not a number or a range such as '8000-8010'",
  ],
  ['a port of words', port({ hostPort: 'a-b' }), TypeError, "hostPort: 'a-b' is not a port or a range"],
  ['no port', port({ hostPort: undefined }), TypeError, 'hostPort: undefined is not a port or a range'],
  ['a reversed range', port({ hostPort: '90-80' }), RangeError, "hostPort: '90-80' ends before it begins"],
  [
    'a reversed range of the target',
    port({ to: '10.0.0.2:90-80' }),
    RangeError,
    "to: '90-80' ends before it begins",
  ],
  ['port 0 of the target', port({ to: '10.0.0.2:0' }), RangeError, 'to: 0 is not a port from 1 to 65535'],
  [
    'a range to one port',
    port({ hostPort: '80-82' }),
    RangeError,
    "to: '10.0.0.2:80' has one port for 3 ports of hostPort; an address alone means the same ports",
  ],
  ['targets', port({ to: '10.0.0.2-10.0.0.9:80' }), RangeError, 'is more than one address'],
  [
    'a target that is no address',
    port({ to: 'web:80' }),
    RangeError,
    "to: 'web:80' is not an address such as",
  ],
  ['a target as a number', port({ to: 80 }), TypeError, 'to: 80 is not an address such as'],
  [
    'a v6 target for a v4 port',
    port({ hostAddress: '192.0.2.1', to: '[2001:db8::2]:80' }),
    RangeError,
    "hostAddress: '192.0.2.1' is not of IPv6, as the rest is",
  ],
  [
    'a v4 target for a v6 port',
    port({ hostAddress: '2001:db8::1' }),
    RangeError,
    "hostAddress: '2001:db8::1' is not of IPv4, as the rest is",
  ],
  [
    'a network',
    port({ hostAddress: '192.0.2.0/24' }),
    RangeError,
    "hostAddress: '192.0.2.0/24' is a network",
  ],
  [
    '::1',
    port({ hostAddress: '::1', to: '[2001:db8::2]:80' }),
    RangeError,
    "hostAddress: '::1' cannot be published",
  ],
  [
    'a protocol without ports',
    port({ protocol: 'icmp' }),
    RangeError,
    "protocol: 'icmp' is not one of tcp, udp, sctp",
  ],
  ['several interfaces', port({ dev: 'veth*' }), RangeError, "dev: 'veth*' is more than one interface"],
  [
    'an allowance for several interfaces',
    () => nft.allowForwarding({ from: 'veth*', netns }),
    RangeError,
    "from: 'veth*' is more than one interface",
  ],
  [
    'an allowance to several interfaces',
    () => nft.allowForwarding({ to: 'veth*', netns }),
    RangeError,
    "to: 'veth*' is more than one interface",
  ],
  ['an interface of 16 bytes', port({ dev: 'x'.repeat(16) }), RangeError, 'dev: '],
  ['a target that is every address', port({ to: '0.0.0.0:80' }), RangeError, "to: '0.0.0.0:80' is not"],
  ['a target that is every address of IPv6', port({ to: '[::]:80' }), RangeError, "to: '[::]:80' is not"],
  ['a broadcast', port({ to: '255.255.255.255:80' }), RangeError, "to: '255.255.255.255:80' is not"],
  [
    'a group',
    port({ to: '239.0.0.1:80' }),
    RangeError,
    "to: '239.0.0.1:80' is not the address of one machine",
  ],
  [
    'a range to another of fewer',
    port({ hostPort: '80-82', to: '10.0.0.2:8080-8081' }),
    RangeError,
    "to: '10.0.0.2:8080-8081' has 2 ports for 3 ports of hostPort",
  ],
  ...['::ffff:10.0.0.2', '[::FFFF:a00:2]:80'].map((to): (typeof refused)[number] => [
    `the address of IPv4 as ${to}`,
    port({ to }),
    RangeError,
    `to: '${to}' is in no packet: the address of IPv4 is '10.0.0.2'`,
  ]),
  ...['::ffff:10.0.0.1', '::FFFF:a00:1'].map((hostAddress): (typeof refused)[number] => [
    `the address of IPv4 as ${hostAddress} of the machine`,
    port({ hostAddress, to: '[2001:db8::2]:80' }),
    RangeError,
    `hostAddress: '${hostAddress}' is in no packet: the address of IPv4 is '10.0.0.1'`,
  ]),
  ...['::ffff:10.0.0.1', '::FFFF:a00:1', '::ffff:10.0.0.1/128'].flatMap((one): typeof refused => {
    const text = `'${one}' is in no packet: the address of IPv4 is '10.0.0.1'`
    return [
      [`${one} to block at`, block({ address: one }), RangeError, `address: ${text}`],
      [`${one} to block`, block({ source: one }), RangeError, `source: ${text}`],
      [`${one} to masquerade`, masquerade({ source: one }), RangeError, `source: ${text}`],
      [
        `${one} not to masquerade`,
        masquerade({ source: '2001:db8::/64', except: ['2001:db8::/64', one] }),
        RangeError,
        `except[1]: ${text}`,
      ],
    ]
  }),
  ...[
    ['::ffff:10.1.0.0/112', '10.1.0.0/16'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ].flatMap(([one, network]): typeof refused => {
    const text = `'${one}' is in no packet: the network of IPv4 is '${network}'`
    return [
      [`${one} to block`, block({ source: one }), RangeError, `source: ${text}`],
      [`${one} to masquerade`, masquerade({ source: one }), RangeError, `source: ${text}`],
    ]
  }),
  [
    'an address of words',
    port({ hostAddress: 'eth0' }),
    TypeError,
    "hostAddress: 'eth0' is not an address such as '192.0.2.1' or '2001:db8::1'",
  ],
  [
    'an address to block of words',
    block({ address: 'eth0' }),
    TypeError,
    "address: 'eth0' is not an address such as",
  ],
  ['a group of IPv6', port({ to: '[ff05::1]:80' }), RangeError, "to: '[ff05::1]:80' is not the address of"],
  ...['a b', 'a/b', 'a:b', '.', '..', 'a%d'].flatMap((dev): typeof refused => [
    [`${dev} as the interface of a target`, port({ dev }), RangeError, `dev: '${dev}' is`],
    [`an isolation of ${dev}`, () => nft.isolate(dev, { netns }), RangeError, `dev: '${dev}' is`],
    [
      `an isolation from ${dev}`,
      () => nft.isolate('b', { from: dev, netns }),
      RangeError,
      `from: '${dev}' is`,
    ],
    [`an allowance to ${dev}`, () => nft.allowForwarding({ to: dev, netns }), RangeError, `to: '${dev}' is`],
    [`a port that is blocked at ${dev}`, block({ incoming: dev }), RangeError, `incoming: '${dev}' is`],
    [`what leaves by ${dev}`, masquerade({ outgoing: dev }), RangeError, `outgoing: '${dev}' is`],
    [
      `forwarding of ${dev}`,
      () => nft.enableForwarding({ interfaces: dev, netns }),
      RangeError,
      `interfaces: '${dev}' is`,
    ],
  ]),
  ['an empty name', port({ name: '' }), RangeError, "name: '' is not a name of at most 100"],
  ['a name with a quote', port({ name: 'a"b' }), RangeError, 'name: '],
  [
    'a name of a chain with a colon',
    masquerade({ source: '10.0.0.0/8', name: 'a:b' }),
    RangeError,
    "name: 'a:b' is not a name of at most 244 letters, digits, '.', '_', '-' and '/'",
  ],
  ['a name of 101 characters', port({ name: 'x'.repeat(101) }), RangeError, 'name: '],
  ['an option that there is not', port({ port: 80 }), TypeError, "publishPort: unknown option 'port'"],
  [
    'a source of words',
    masquerade({ source: 'v-net-0' }),
    TypeError,
    "source: 'v-net-0' is not a network such as",
  ],
  ['a source of hex digits', masquerade({ source: 'a' }), TypeError, "source: 'a' is not a network such as"],
  [
    'a prefix of 33',
    masquerade({ source: '10.0.0.0/33' }),
    RangeError,
    'a prefix length that is not from 0 to 32',
  ],
  [
    'an exception of the other family',
    masquerade({ except: ['10.1.0.0/16', '2001:db8::/32'] }),
    RangeError,
    "except[1]: '2001:db8::/32' is not of IPv4, as the rest is",
  ],
  ['no exceptions', masquerade({ except: [] }), RangeError, 'except: the list is empty'],
  [
    'more interfaces than a name has room for',
    masquerade({ outgoing: Array.from({ length: 25 }, (_, i) => `interface${i}`) }),
    RangeError,
    'name: one is needed; made of the other options it would have',
  ],
  ['an interface as a number', masquerade({ outgoing: 3 }), TypeError, 'outgoing: 3 is not a string'],
  ['every interface in a list', masquerade({ outgoing: ['eth0', '*'] }), RangeError, "'*' is every name"],
  ['port 0 to block', block({ port: 0 }), RangeError, 'port: 0 is not a port from 1 to 65535'],
  [
    'an address of one family and a source of the other',
    block({ address: '192.0.2.1', source: '2001:db8::/32' }),
    RangeError,
    "address: '192.0.2.1' is not of IPv6",
  ],
  [
    'an isolation of nothing',
    () => nft.isolate('', { netns }),
    RangeError,
    'dev: an interface name cannot be empty',
  ],
  ['an isolation by number', () => nft.isolate(3 as never, { netns }), TypeError, 'dev: 3 is not a string'],
  ['an allowance of nothing', () => nft.allowForwarding({ netns }), TypeError, 'it needs from, to or both'],
  [
    'localhost without interfaces',
    () => nft.enableForwarding({ localhost: true, netns }),
    TypeError,
    'localhost: it needs interfaces',
  ],
  [
    'forwarding of IPv6 between some interfaces',
    () => nft.enableForwarding({ interfaces: 'br0', family: 'ipv6', netns }),
    TypeError,
    'interfaces: IPv6 is forwarded between all or none',
  ],
  [
    'another family',
    () => nft.enableForwarding({ family: 'arp' as never, netns }),
    RangeError,
    "family: 'arp' is not",
  ],
  [
    'an option of a list',
    () => nft.listNat({ verb: 'isolate' } as never),
    TypeError,
    "unknown option 'verb'",
  ],
]

describe('the verbs refuse', () => {
  it.each(refused)('%s', (_, call, error, message) => {
    expect(call).toThrow(error)
    expect(call).toThrow(message)
  })

  it('nothing that is right: that goes to the kernel', () => {
    for (const call of [
      port({}),
      port({ to: '10.0.0.2' }),
      masquerade({}),
      block({}),
      masquerade({ outgoing: 'eth*' }),
      masquerade({ source: '::/0' }),
      block({ source: '::ffff:0:0/95' }),
      block({ address: '::' }),
    ])
      expect(call).toThrow(/a pure test has called the addon/)
  })
})
