import { scenarios } from './scenario.js'

/** nft asks for ingress of no device first, which no kernel knows, and for the second hook of a device where it got the first. */
export const nftHook = scenarios(
  // A name of four bytes: nft does not clear those that fill an attribute up.
  ['ip link add eth index 10 type veth peer name eth1 index 11'],
  [
    ['nft-hooks-ip', 'nft list hooks ip'],
    ['nft-hooks-ip6', 'nft list hooks ip6'],
    ['nft-hooks-arp', 'nft list hooks arp'],
    ['nft-hooks-bridge', 'nft list hooks bridge'],
    ['nft-hooks-netdev', 'nft list hooks netdev device eth'],
  ],
)
