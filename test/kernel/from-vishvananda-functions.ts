/** Rows of docs/from-vishvananda.md about virtual functions: of a card where the kernel simulates one, otherwise refused. */

import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import type * as netlink from '../../src/index.js'
import type { Row } from './document-rows.js'
import { execFileSync } from './programs.js'
import { BUS } from './simulated.js'
import { ip, ipJson, type Printed } from './support.js'

/** Its number, which is the kernel's, not a namespace's. */
const CARD = process.pid * 10 + 9
const hasCards = () => existsSync(BUS)
const write = (value: string, file: string) => execFileSync('sh', ['-c', `echo ${value} >${BUS}/${file}`])
const deleteCard = () => write(`${CARD}`, 'del_device')
const shown = () => ipJson('link show dev eth0')[0]!['vfinfo_list'] as Printed[] | undefined

/** eth0, of a card with a virtual function or of a pair. */
const eth0 = async () => {
  if (!hasCards()) return ip('link add eth0 type veth peer name eth1')
  write(`"${CARD} 1"`, 'new_device')
  return write('1', `devices/netdevsim${CARD}/sriov_numvfs`)
}

/** A setting, and what ip prints of the function. */
const setting = (told: Printed): Row => ({
  lacking: {
    is: () => !hasCards(),
    given: [eth0],
    refused: { code: 'EOPNOTSUPP', advice: 'vfs: it has no virtual functions' },
  },
  given: [eth0],
  check: () => {
    const [printed] = shown()!
    deleteCard()
    expect(printed).toMatchObject(told)
  },
})

/** No simulated card is one of InfiniBand. */
const OF_INFINIBAND: Row = {
  lacking: {
    is: () => true,
    given: ['link add eth0 type veth peer name eth1'],
    refused: { code: 'EOPNOTSUPP', advice: 'vfs: it has no virtual functions' },
  },
}

export const FUNCTIONS: Record<string, Row> = {
  'LinkSetVfHardwareAddr(link, 0, "02:00:00:00:00:0a")': setting({ address: '02:00:00:00:00:0a' }),
  'LinkSetVfVlan(link, 0, 100)': setting({ vlan_list: [{ vlan: 100 }] }),
  'LinkSetVfVlanQos(link, 0, 100, 3)': setting({ vlan_list: [{ vlan: 100, qos: 3 }] }),
  'LinkSetVfVlanQosProto(link, 0, 100, 3, 0x88a8)': setting({
    vlan_list: [{ vlan: 100, qos: 3, protocol: '802.1ad' }],
  }),
  'LinkSetVfTxRate(link, 0, 200)': setting({ rate: { max_tx: 200, min_tx: 0 } }),
  'LinkSetVfRate(link, 0, 100, 200)': setting({ rate: { max_tx: 200, min_tx: 100 } }),
  'LinkSetVfState(link, 0, VF_LINK_STATE_ENABLE)': setting({ link_state: 'enable' }),
  'LinkSetVfSpoofchk(link, 0, true)': setting({ spoofchk: true }),
  'LinkSetVfTrust(link, 0, true)': setting({ trust: true }),
  'LinkSetVfNodeGUID(link, 0, guid)': OF_INFINIBAND,
  'LinkSetVfPortGUID(link, 0, guid)': OF_INFINIBAND,
  'link.Attrs().Vfs': {
    given: [eth0],
    check: (vfs: netlink.VfInfo[] | null) => {
      const printed = shown() ?? []
      if (hasCards()) deleteCard()
      expect((vfs ?? []).map(({ vf }) => vf)).toEqual(printed.map(({ vf }) => vf))
    },
  },
}
