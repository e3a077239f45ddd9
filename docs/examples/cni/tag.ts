/** By what the kernel's objects tell whose they are: digests, for names that have room for little. */
import { createHash } from 'node:crypto'
import type { Attachment } from './input.js'

function digest(length: number, ...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, length)
}

/** What the tags of all attachments of a network begin with. */
export function networkTag(network: string): string {
  return `cni-${digest(16, network)}-`
}

export function tagOf(network: string, { containerID, ifname }: Attachment): string {
  return networkTag(network) + digest(16, containerID, ifname)
}

/** As many small letters and digits: in the name of an interface they tell more apart than a digest's do. */
function letters(length: number, ...parts: string[]): string {
  return BigInt(`0x${digest(20, ...parts)}`)
    .toString(36)
    .padStart(length, '0')
    .slice(-length)
}

function portPrefix(network: string): string {
  return `veth${letters(4, network)}`
}

/** Whether a name has the form of all ports of a network, which is as long as a name can be. */
export function isPortName(network: string, name: string): boolean {
  return name.startsWith(portPrefix(network)) && /^[0-9a-z]{15}$/.test(name)
}

/** The bridge's end of an attachment, which DEL finds again whatever it knows besides. */
export function portName(network: string, { containerID, ifname }: Attachment): string {
  return portPrefix(network) + letters(7, containerID, ifname)
}

/** What is to be deleted that has gone already is no error; returns whether that was so. */
export async function absent(deletion: Promise<unknown>): Promise<boolean> {
  try {
    await deletion
    return false
  } catch (error) {
    if (['ENODEV', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return true
    throw error
  }
}
