/**
 * The addon's primitives, as native/ offers them. A call that takes `done` answers through it, from the addon's own
 * threads, and returns undefined; without `done` it blocks and returns the answer. Numbers are results when >= 0 and
 * -errno when below.
 */

/** A system call that failed inside a primitive. */
export interface Failure {
  readonly errno: number
  readonly syscall: string
  /** It failed for the directory that a path lies in, not for what the call is about. */
  readonly ofDirectory?: true
}

export type Done<T> = (answer: T | Failure) => void
/** Of a call that takes `done`: nothing where that is given. */
export type Answer<T> = T | Failure | void

/** One netlink socket. Its descriptor closes with close(), or when the last request in flight has been answered. */
export interface NativeSocket {
  readonly fd: number
  /** The address that the kernel gave the socket (nl_pid). */
  readonly portid: number
  /**
   * Sends, then waits for one datagram and takes what else is there already, until it has `answers` datagrams (0, as without it:
   * until there is none). Bytes received or -errno.
   */
  exchange(request: Uint8Array, length: number, into: Uint8Array, answers?: number): number
  /** Receives; waits for the first datagram if `wait`. Bytes received, or -errno (-EAGAIN, -ENOBUFS, -EMSGSIZE). */
  receive(into: Uint8Array, wait: boolean): number
  /**
   * Receives one datagram without waiting, so that `nsid` is where it came from. Bytes received, or -errno.
   */
  receiveOne(into: Uint8Array): number
  /** The id of the namespace that receiveOne() received from last (NETLINK_LISTEN_ALL_NSID); -1: the socket's own. */
  readonly nsid: number
  /**
   * Sends from the addon's thread (nothing is sent if `length` is 0) and receives there what is ready. `ends`: where in the request a
   * sendmsg ends before its last; what is ready is received after each. After one that failed nothing is sent and nothing received.
   * `done(error, received, sent)`: error is 0 or the -errno of sending; received is bytes, or -errno (-EAGAIN also where nothing was received
   * because the first failed); sent is how many sendmsg have left, 0 where there was nothing to send.
   */
  submit(
    request: Uint8Array,
    length: number,
    into: Uint8Array,
    done: (error: number, received: number, sent: number) => void,
    ends?: Int32Array,
  ): void
  /** Calls back on the event loop whenever there is something to receive, until unwatch() or close(). */
  watch(readable: () => void): number
  unwatch(): void
  /** SIOCGIFINDEX and SIOCGIFNAME on this socket: they answer for the socket's own namespace. */
  ifindex(name: string): number
  ifname(ifindex: number): string | number
  setOption(level: number, name: number, value: number): number
  /** Idempotent. */
  close(): void
}

export interface Addon {
  /**
   * Opens and binds a netlink socket in the namespace `netns` (a descriptor; -1: the process's own).
   * `settings` is [SO_SNDBUF, SO_RCVBUF, then any number of level, option name, value]; a buffer size of 0 leaves the
   * default, and SO_*BUFFORCE is tried first. Datagrams that do not come from the kernel are dropped.
   */
  openNetlink(netns: number, protocol: number, settings: Int32Array): NativeSocket | Failure
  openNetlink(netns: number, protocol: number, settings: Int32Array, done: Done<NativeSocket>): void

  /**
   * Opens any socket in a namespace: its descriptor (close-on-exec, non-blocking). Bound to `address`, a struct sockaddr, unless
   * that is empty; a stream socket with SO_REUSEADDR.
   */
  openSocket(
    netns: number,
    family: number,
    type: number,
    protocol: number,
    address: Uint8Array,
    done?: Done<number>,
  ): Answer<number>

  /**
   * Makes a TUN or TAP device in a namespace (-1: the process's own), or attaches to one: its descriptor (close-on-exec, non-blocking).
   * `flags` are IFF_* of linux/if_tun.h; -1 for no `owner` and no `group`; with `persist` the device outlives its descriptors.
   */
  openTun(
    netns: number,
    name: string,
    flags: number,
    owner: number,
    group: number,
    persist: boolean,
    done?: Done<number>,
  ): Answer<number>

  /**
   * Makes a network namespace. With a path: prepares its directory as iproute2 does (made if missing, a mount of its own, shared; it waits
   * for the lock that it takes on it), creates that file (it must not exist) and mounts the namespace on it; a failure leaves no file
   * behind. While the thread is there, a NETLINK_ROUTE socket is opened inside with `settings`, and
   * `loopback` brings lo up.
   */
  createNetns(
    path: string | null,
    settings: Int32Array,
    loopback: boolean,
    done?: Done<CreatedNetns>,
  ): Answer<CreatedNetns>

  /** The same, begun: returns the number by which finishNetns() asks for its answer, which must be asked for, once. */
  beginNetns(path: string | null, settings: Int32Array, loopback: boolean): number
  finishNetns(begun: number, done?: Done<CreatedNetns>): Answer<CreatedNetns>

  /** Opens a namespace file and checks that it is a network namespace (EINVAL, syscall 'ioctl', if it is not). */
  openNetns(path: string): number | Failure
  /** Mounts an open namespace on a new file, as createNetns() mounts a new one. */
  nameNetns(fd: number, path: string, done?: Done<0>): Answer<0>
  /** Unmounts (MNT_DETACH) and unlinks a named namespace. A file with nothing mounted on it is only unlinked. */
  removeNetns(path: string, done?: Done<0>): Answer<0>

  /** Reads or writes a file (/proc/sys, /sys) as a thread inside the namespace (-1: the process's own) sees it. */
  readFile(netns: number, path: string, done?: Done<Uint8Array>): Answer<Uint8Array>
  writeFile(netns: number, path: string, data: Uint8Array, done?: Done<0>): Answer<0>

  /** Opens what is pinned at a path of a BPF filesystem: its descriptor (close-on-exec). */
  openPinned(path: string, done?: Done<number>): Answer<number>

  /** A duplicate, close-on-exec, of a descriptor. */
  duplicate(fd: number): number | Failure
  /** Closes a descriptor of the addon's. */
  close(fd: number): number
  /** Lets go of a descriptor: whoever has it closes it, by what means they like. The others end with their thread. */
  release(fd: number): void
}

export interface CreatedNetns {
  /** The namespace's descriptor. */
  readonly fd: number
  readonly socket: NativeSocket
}
