/** Advice where a kernel knows nothing of the VLANs of bridges, nor of the spanning trees that are of them. */
export const NO_VLAN_FILTERING = 'the kernel has no bridge VLAN filtering (CONFIG_BRIDGE_VLAN_FILTERING)'
