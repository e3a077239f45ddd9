/**
 * netlink-ts/testing: a fake kernel, which is a function from requests to replies. Operations run through the library's own drivers and
 * sockets, so that a program's use of it can be tested without root, without a network and on any system.
 *
 * @example
 * const kernel = fakeKernel(({ name }) => (name === 'RTM_NEWROUTE' ? failure('EEXIST') : undefined), { interfaces: { eth0: 2 } })
 * await addRoute({ to: 'default', via: '192.0.2.1', dev: 'eth0', netns: kernel }) // rejects: EEXIST
 */

export { type FakeKernel, type FakeKernelOptions, fakeKernel, type Handler } from './kernel.js'
export { messages } from './messages.js'
export {
  type Addressee,
  type Answer,
  type DoneOptions,
  done,
  dump,
  failure,
  PAUSE,
  type Part,
  type Pause,
  type Reply,
  reply,
  type SocketError,
  success,
} from './reply.js'
export type { FakeRequest } from './request.js'
