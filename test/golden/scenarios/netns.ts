import { type Row, scenarios } from './scenario.js'

const rows: Row[] = [
  ['netns-set', 'ip netns set red 10'],
  ['netns-set-auto', 'ip netns set red auto'],
  ['netns-list', 'ip netns list', 'ip netns set red 10'],
  ['netns-list-id', 'ip netns list-id', 'ip netns set red 10'],
  ['netns-list-id-of', 'ip netns list-id nsid 10', 'ip netns set red 10'],
  [
    'netns-list-id-target',
    'ip netns list-id target-nsid 10',
    'ip netns set red 10',
    'ip -n red netns set blue 20',
  ],
]

export const netns = scenarios(['ip netns add red', 'ip netns add blue'], rows)
