import { getU16, putU16 } from '../../src/codec/bytes.js'
import { Writer } from '../../src/codec/index.js'
import { NLM_F_ACK } from '../../src/netlink/constants.js'
import { writeRequest } from '../../src/netlink/nlmsg.js'
import type { Channel, OpenNetns, Operation } from '../../src/netlink/operation.js'
import type { Outcome, Request } from '../../src/netlink/request.js'

/** Interfaces of the namespaces in which the fixtures were recorded. */
const IFINDEXES: Readonly<Record<string, number>> = {
  lo: 1,
  eth0: 10,
  eth1: 11,
  br0: 20,
  mac0: 30,
  vx0: 30,
}

const channel: Channel = {
  where: '',
  ifindex: (name) => IFINDEXES[name] ?? -19,
  ifname: (ifindex) => Object.keys(IFINDEXES).find((name) => IFINDEXES[name] === ifindex) ?? null,
  release: () => {},
}

/** Any namespace that is named; its descriptor is masked in the fixtures. */
const netns: OpenNetns = {
  fd: 7,
  name: null,
  label: 'a namespace',
  retain: () => {},
  release: () => {},
  close: () => {},
}

/**
 * The messages that an operation sends, each as it would leave alone, when every request succeeds. `values` are what the answers
 * bring, one list for each request; without it they bring nothing.
 */
export function sentBy(operation: Operation<unknown>, values: readonly unknown[][] = []): Uint8Array[] {
  const sent: Uint8Array[] = []
  let step = operation.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'channel') {
      step = operation.next(channel)
    } else if (effect.kind === 'single') {
      sent.push(messageOf(effect.build(channel)))
      step = operation.next(values[sent.length - 1] ?? [])
    } else if (effect.kind === 'exchange') {
      const outcomes = effect.requests.map((request): Outcome => {
        sent.push(messageOf(request))
        return { error: null, values: values[sent.length - 1] ?? [] }
      })
      step = operation.next(outcomes)
    } else if (effect.kind === 'netns') {
      step = operation.next(netns)
    } else if (effect.kind === 'checkpoint' || effect.kind === 'shield') {
      step = operation.next()
    } else {
      throw new Error(`no answer to ${effect.kind}`)
    }
  }
  return sent
}

/** A buffer that is another one after each step, as a full one is: what is written into the one before is lost. */
class Moving extends Writer {
  override reserve(size: number): number {
    const at = super.reserve(size)
    this.bytes = this.bytes.slice()
    return at
  }
}

function messageOf(request: Request): Uint8Array {
  const out = new Moving(256)
  writeRequest(request, 1, out)
  // The last change of what leaves together is acknowledged; here each leaves alone.
  if (request.answer === 'ack') putU16(out.bytes, 6, getU16(out.bytes, 6) | NLM_F_ACK)
  return out.take()
}
