/** What watches instead of asking once: asynchronous only. */

export type {
  EventAction,
  EventOf,
  LinkEvent,
  MonitorEvent,
  MonitorGroup,
  NsidEvent,
  ResyncEvent,
} from './events.js'
export { type Monitor, type MonitorOptions, monitor } from './monitor.js'
