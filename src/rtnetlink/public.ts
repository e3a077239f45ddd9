export type { Address } from './address/address.js'
export type { AddAddressOptions, DeleteAddressOptions } from './address/change.js'
export type { AnycastAddress, MulticastAddress } from './address/joined.js'
export type { FlushAddressesOptions, ListAddressesOptions } from './address/list.js'
export type {
  ListAnycastAddressesOptions,
  ListMulticastAddressesOptions,
} from './address/list-joined.js'
export type {
  AddressFlag,
  AddressInput,
  AddressOptions,
  AddressProtocol,
  AddressScope,
  Lifetime,
} from './address/options.js'
export type { AddressLabel } from './address-label/address-label.js'
export type {
  AddAddressLabelOptions,
  AddressLabelFilter,
  DeleteAddressLabelOptions,
  FlushAddressLabelsOptions,
  ListAddressLabelsOptions,
} from './address-label/operations.js'
export type { Batch, BatchOptions, BatchResult } from './batch.js'
export type { DeleteFdbEntryOptions, FdbOptions, FlushFdbOptions } from './bridge/fdb/change.js'
export type { FdbEntry } from './bridge/fdb/entry.js'
export type { GetFdbEntryOptions, ListFdbOptions } from './bridge/fdb/list.js'
export type { FdbInput, FdbKey } from './bridge/fdb/options.js'
export type { FdbFlag, FdbFlushFlag, FdbState } from './bridge/fdb/table.js'
export type { DeleteMdbEntryOptions, FlushMdbOptions, MdbOptions } from './bridge/mdb/change.js'
export type { MdbEntry, MdbProtocol, MdbRouterPort, MdbSource } from './bridge/mdb/entry.js'
export type { GetMdbEntryOptions, ListMdbOptions } from './bridge/mdb/list.js'
export type { MdbInput, MdbKey } from './bridge/mdb/options.js'
export type { MdbFilterMode, MdbFlag, MdbState } from './bridge/mdb/table.js'
export type { BridgeMst, ListBridgeMstOptions, SetBridgeMstOptions } from './bridge/mst.js'
export type {
  BridgePortOptions,
  GetBridgePortOptions,
  ListBridgePortsOptions,
  SetBridgePortOptions,
} from './bridge/port/operations.js'
export type { BridgePort, BridgePortData } from './bridge/port/port.js'
export type { McastRouter } from './bridge/router-types.js'
export type { Vids } from './bridge/vid.js'
export type { AddBridgeVlanOptions, DeleteBridgeVlanOptions } from './bridge/vlan/change.js'
export type { ListBridgeVlansOptions, ListGlobalBridgeVlansOptions } from './bridge/vlan/list.js'
export type { SetBridgeVlanOptions, SetGlobalBridgeVlanOptions } from './bridge/vlan/options.js'
export type {
  BigBridgeVlanStats,
  BridgePortState,
  BridgeVlan,
  BridgeVlanStats,
  GlobalBridgeVlan,
} from './bridge/vlan/vlan.js'
export type { Family } from './family.js'
export type { AddrGenMode, AfSpec, SetAfSpec } from './link/af-spec.js'
export type { CommonOptions, CreateBridgeOptions, CreateLinkOptions, RawKindOptions } from './link/create.js'
export type { DevlinkPort } from './link/devlink-port.js'
export type { InterfaceInet6 } from './link/inet6.js'
export type {
  DataOf,
  KindName,
  OptionsOf,
  PortDataOf,
  PortKindName,
  PortOptionsOf,
} from './link/kinds/index.js'
export {
  type CanStats,
  isKind,
  isPortKind,
  type Link,
  type LinkFlag,
  type LinkPart,
} from './link/link.js'
export type { GetLinkOptions, ListLinksOptions } from './link/list.js'
export type { InterfaceStats, LinkStatsOptions } from './link/list-stats.js'
export type { MoveLinkOptions } from './link/move.js'
export type {
  HardwareStats,
  InterfaceOffload,
  OffloadedL3Stats,
  OffloadLinkStats,
} from './link/offload-stats.js'
export type { LinkOptions } from './link/options.js'
export type { Dev, IncludeOptions, TargetOptions } from './link/request.js'
export type { SetLinkGroupOptions } from './link/set-group.js'
export type { LinkChanges, PortChanges, SetLinkOptions } from './link/set-options.js'
export type { SetLinkStatsOptions } from './link/set-stats.js'
export type { LinkEnd, LinkSettings } from './link/settings.js'
export type { BigLinkStats, LinkStats } from './link/stats.js'
export type { LinkEventReason, LinkMode, OperState } from './link/table.js'
export type { VethEnd } from './link/veth.js'
export type { VfInfo, VfStats } from './link/vf-info.js'
export type { VfSettings } from './link/vf-settings.js'
export type { AttachedXdp, LinkXdp, XdpFlag, XdpMode, XdpPlace } from './link/xdp.js'
export type { SetXdp } from './link/xdp-settings.js'
export type {
  Bond3adStats,
  BridgeMcastStats,
  BridgeStpStats,
  BridgeVlanXstats,
  BridgeXstats,
  ExtendedLinkStats,
  MplsLinkStats,
} from './link/xstats.js'
export type { GetMplsRouteOptions } from './mpls/lookup.js'
export type { MplsNexthop, MplsRoute } from './mpls/mpls-route.js'
export type {
  FlushMplsRoutesOptions,
  ListMplsRoutesOptions,
  MplsRouteFilter,
  MplsRouteOptions,
} from './mpls/operations.js'
export type { MplsNexthopInput, MplsRouteInput } from './mpls/request.js'
export type { MulticastHop, MulticastRoute } from './multicast-route/multicast-route.js'
export type { ListMulticastRoutesOptions } from './multicast-route/operations.js'
export type { AddNeighbourOptions, DeleteNeighbourOptions } from './neighbour/change.js'
export type { FlushNeighboursOptions, GetNeighbourOptions, ListNeighboursOptions } from './neighbour/list.js'
export type { Neighbour, NeighbourMiss, NeighbourTimes } from './neighbour/neighbour.js'
export type { NeighbourFlag, NeighbourInput, NeighbourKey, NeighbourState } from './neighbour/options.js'
export type {
  NeighbourParameters,
  NeighbourTable,
  NeighbourTableConfig,
  NeighbourTableStats,
} from './neighbour-table/neighbour-table.js'
export type {
  ListNeighbourTablesOptions,
  SetNeighbourTableOptions,
} from './neighbour-table/operations.js'
export type { Netconf, ReversePathFilter } from './netconf/netconf.js'
export type { ListNetconfOptions } from './netconf/operations.js'
export type { ListNexthopBucketsOptions, NexthopBucket } from './nexthop/bucket.js'
export type {
  Nexthop,
  NexthopGroupEntry,
  NexthopGroupType,
  NexthopMemberStats,
  ResilientGroup,
} from './nexthop/nexthop.js'
export type {
  FlushNexthopsOptions,
  GetNexthopOptions,
  ListNexthopsOptions,
  NexthopFilter,
  NexthopOptions,
} from './nexthop/operations.js'
export type { NexthopObjectInput } from './nexthop/request.js'
export type { ListNsidsOptions, Nsid } from './nsid/operations.js'
export type { RouteCacheinfo } from './route/cacheinfo.js'
export type { BpfEncap } from './route/encap/bpf.js'
export type { RawEncap, RouteEncap, RouteEncapInput } from './route/encap/encap.js'
export type { Ioam6Encap, IoamTrace } from './route/encap/ioam6.js'
export type { Ip6Encap, IpEncap } from './route/encap/ip.js'
export type { MplsEncap } from './route/encap/mpls.js'
export type { RplEncap } from './route/encap/rpl.js'
export type { Seg6Encap, Seg6Mode } from './route/encap/seg6.js'
export type { Seg6LocalAction, Seg6LocalEncap } from './route/encap/seg6local.js'
export type { Segments } from './route/encap/segments.js'
export type { EncapType } from './route/encap/table.js'
export type { XfrmEncap } from './route/encap/xfrm.js'
export type { RouteFilter } from './route/filter.js'
export type {
  NexthopFlag,
  NexthopInput,
  Realms,
  RouteFlag,
  RouteInput,
  RouteMetrics,
  RoutePreference,
  RouteProtocol,
  RouteScope,
  RouteType,
} from './route/input.js'
export type { GetRouteOptions, RouteLookup } from './route/lookup.js'
export type { FlushRoutesOptions, ListRoutesOptions, RouteOptions } from './route/operations.js'
export type { Route, RouteDeletionReason, RouteNexthop } from './route/route.js'
export type { IpProtocol } from './route/table.js'
export type { NdOption, NdUserOptions } from './router-advertisement/nd-user-option.js'
export type { AdvertisedPrefix } from './router-advertisement/prefix.js'
export type { RuleInput } from './rule/input.js'
export type { FlushRulesOptions, ListRulesOptions, RuleFilter, RuleOptions } from './rule/operations.js'
export type { NumberRange, Rule, RuleAction, RuleFlag } from './rule/rule.js'
export type { TuntapMode } from './tuntap/open.js'
export type { CreateTuntapOptions, OpenTuntapOptions } from './tuntap/operations.js'
export type {
  AddVxlanVniOptions,
  DeleteVxlanVniOptions,
  ListVxlanVnisOptions,
  Vnis,
} from './vxlan-vni/operations.js'
export type { BigVxlanVniStats, VxlanVni, VxlanVniStats } from './vxlan-vni/vni.js'
