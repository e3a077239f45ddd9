/** What nft(8) makes of the commands of docs/from-iptables.md. */

/** The rules of the commands as nft writes them, behind 'add rule inet filter'; or a whole command of nft. */
export const same: Record<string, string> = {
  'iptables -A INPUT -p tcp --dport 22 -j ACCEPT': 'input tcp dport 22 accept',
  'iptables -A INPUT -p tcp -s 10.0.0.0/8 --dport 22 -j ACCEPT':
    'input ip saddr 10.0.0.0/8 tcp dport 22 accept',
  'iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT': 'input tcp dport { 80, 443 } accept',
  'iptables -A INPUT -p udp --dport 60000:61000 -j ACCEPT': 'input udp dport 60000-61000 accept',
  'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT':
    'input ct state established,related accept',
  'iptables -A INPUT -m conntrack --ctstate INVALID -j DROP': 'input ct state invalid drop',
  'iptables -A INPUT -i lo -j ACCEPT': 'input iifname lo accept',
  'iptables -A INPUT ! -i lo -d 127.0.0.0/8 -j REJECT': 'input iifname != lo ip daddr 127.0.0.0/8 reject',
  'iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT': 'input icmp type echo-request accept',
  'ip6tables -A INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -j ACCEPT':
    'input icmpv6 type nd-neighbor-solicit accept',
  'iptables -A INPUT -p tcp --dport 25 -j REJECT --reject-with tcp-reset':
    'input tcp dport 25 reject with tcp reset',
  'iptables -A INPUT -p tcp --dport 25 -j REJECT --reject-with icmp-host-prohibited':
    'input tcp dport 25 reject with icmp type host-prohibited',
  'iptables -A INPUT -s 203.0.113.7 -j DROP': 'input ip saddr 203.0.113.7 drop',
  'iptables -I INPUT -s 203.0.113.7 -j DROP': 'insert rule inet filter input ip saddr 203.0.113.7 drop',
  'iptables -A INPUT -m iprange --src-range 10.0.0.5-10.0.0.9 -j DROP':
    'input ip saddr 10.0.0.5-10.0.0.9 drop',
  'iptables -A INPUT -m limit --limit 10/minute -j LOG --log-prefix "in: "':
    'input limit rate 10/minute log prefix "in: "',
  // Of each sender, but with a mask of nothing: so iptables-translate has it.
  'iptables -A INPUT -p tcp --dport 80 -m connlimit --connlimit-above 20 -j DROP':
    'add set inet filter busy { type ipv4_addr; flags dynamic; }; add rule inet filter input tcp dport 80 add @busy { ip saddr ct count over 20 } drop',
  'iptables -A INPUT -p tcp --dport 80 -m connlimit --connlimit-above 500 --connlimit-mask 0 -j DROP':
    'input tcp dport 80 ct count over 500 drop',
  'iptables -A INPUT -m comment --comment "ssh" -p tcp --dport 22':
    'input tcp dport 22 counter comment "ssh"',
  'iptables -P INPUT DROP': 'add chain inet filter input { policy drop; }',
  'iptables -F INPUT': 'flush chain inet filter input',
  'iptables -A FORWARD -i br0 -o eth0 -j ACCEPT': 'forward iifname br0 oifname eth0 accept',
  'iptables -A FORWARD -i v-net-0 -o v-net-1 -j DROP': 'forward iifname v-net-0 oifname v-net-1 drop',
  'iptables -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu':
    'forward tcp flags & (syn|rst) == syn tcp option maxseg size set rt mtu',
  'iptables -A OUTPUT -m owner --uid-owner 0 -j DROP': 'output meta skuid 0 drop',
  'iptables -N mine; iptables -A INPUT -j mine': 'input jump mine',
  'iptables -A mine -j RETURN': 'mine return',
  'iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080':
    'prerouting tcp dport 80 redirect to :8080',
  'iptables -t nat -A POSTROUTING -o eth0 -j SNAT --to-source 203.0.113.1':
    'postrouting oifname eth0 snat ip to 203.0.113.1',
  'iptables -t nat -A PREROUTING -d 10.3.0.0/24 -j NETMAP --to 10.2.0.0/24':
    'prerouting ip daddr 10.3.0.0/24 dnat ip prefix to 10.2.0.0/24',
  'iptables -A INPUT -p tcp --syn -m mac --mac-source 02:00:00:00:00:01 -j DROP':
    'input ether saddr 02:00:00:00:00:01 tcp flags & (fin|syn|rst|ack) == syn drop',
  'iptables -A INPUT -m pkttype --pkt-type broadcast -j DROP': 'input meta pkttype broadcast drop',
  'iptables -A INPUT -m mark --mark 1 -j ACCEPT': 'input meta mark 1 accept',
  'iptables -t mangle -A FORWARD -s 10.0.0.0/8 -j MARK --set-mark 1':
    'forward ip saddr 10.0.0.0/8 meta mark set 1',
  'iptables -t mangle -A FORWARD -j CONNMARK --save-mark': 'forward ct mark set meta mark',
  'iptables -t nat -A PREROUTING -p tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.0.1:8080':
    'prerouting tcp dport 80 numgen random mod 2 0 dnat ip to 10.0.0.1:8080',
  'iptables -A INPUT -m policy --dir in --pol ipsec --reqid 1 -j ACCEPT': 'input ipsec in reqid 1 accept',
  'iptables -A INPUT -p tcp -m osf --genre Linux -j DROP': 'input osf name "Linux" drop',
  'iptables -A INPUT -m addrtype --dst-type LOCAL -j ACCEPT': 'input fib daddr type local accept',
  'iptables -A INPUT -m length --length 1000:2000 -j DROP': 'input meta length 1000-2000 drop',
  'iptables -A INPUT -m ttl --ttl-lt 5 -j DROP': 'input ip ttl < 5 drop',
  'iptables -A INPUT -m dscp --dscp-class EF -j ACCEPT': 'input ip dscp ef accept',
  'iptables -A INPUT -f -j DROP': 'input ip frag-off & 0x1fff != 0 drop',
  'iptables -A INPUT -p tcp ! --syn -m conntrack --ctstate NEW -j DROP':
    'input tcp flags & (fin|syn|rst|ack) != syn ct state new drop',
  'iptables -A INPUT -p tcp -m tcp --tcp-flags ALL NONE -j DROP':
    'input tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0 drop',
  'iptables -A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT':
    'input icmp type destination-unreachable icmp code 4 accept',
  'iptables -A INPUT -p tcp -m tcpmss --mss 500:1000 -j DROP': 'input tcp option maxseg size 500-1000 drop',
  'iptables -A INPUT -m connmark --mark 1/0xff -j ACCEPT': 'input ct mark & 0xff == 1 accept',
  'iptables -A INPUT -m connbytes --connbytes 1000000: --connbytes-dir both --connbytes-mode bytes -j DROP':
    'input ct bytes >= 1000000 drop',
  'iptables -A INPUT -m quota --quota 1000000 -j ACCEPT': 'input quota 1000000 bytes accept',
  'iptables -A INPUT -m cpu --cpu 0 -j ACCEPT': 'input meta cpu 0 accept',
  'iptables -A INPUT -j NFLOG --nflog-group 2 --nflog-prefix "in: "': 'input log prefix "in: " group 2',
  'iptables -t mangle -A FORWARD -j DSCP --set-dscp-class EF': 'forward ip dscp set ef',
  'iptables -t mangle -A FORWARD -j TTL --ttl-set 64': 'forward ip ttl set 64',
  'iptables -t mangle -A FORWARD -j CLASSIFY --set-class 1:5': 'forward meta priority set 1:5',
  'iptables -t mangle -A FORWARD -j MARK --or-mark 0x10': 'forward meta mark set meta mark | 0x10',
  'iptables -t mangle -A FORWARD -j MARK --set-xmark 0x10/0xff':
    'forward meta mark set meta mark & 0xffffff00 ^ 0x10',
  'iptables -t mangle -A FORWARD -j CONNMARK --restore-mark': 'forward meta mark set ct mark',
  'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1-10.0.0.9:8080':
    'prerouting tcp dport 80 dnat ip to 10.0.0.1-10.0.0.9:8080',
  'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE --random':
    'postrouting oifname eth0 masquerade random',
  'iptables -A INPUT -p tcp -m hashlimit --hashlimit-above 10/sec --hashlimit-mode srcip --hashlimit-name h -j DROP':
    'add set inet filter h { type ipv4_addr; flags dynamic,timeout; timeout 1m; }; add rule inet filter input meta l4proto tcp add @h { ip saddr limit rate over 10/second } drop',
  'iptables -t raw -A PREROUTING -p udp --dport 53 -j CT --notrack':
    'add chain inet filter raw { type filter hook prerouting priority raw; }; add rule inet filter raw udp dport 53 notrack',
}

/** What nft does with the first of two rules, by its handle. */
export const ofRules: Record<string, string> = {
  'iptables -D INPUT 1': 'delete rule inet filter input handle $handle',
  'iptables -R INPUT 1 -s 203.0.113.9 -j DROP':
    'replace rule inet filter input handle $handle ip saddr 203.0.113.9 drop',
  'iptables -I INPUT 2 -s 203.0.113.9 -j DROP':
    'add rule inet filter input position $handle ip saddr 203.0.113.9 drop',
  'nft insert rule inet filter input position $handle ip saddr 203.0.113.9 drop':
    'insert rule inet filter input position $handle ip saddr 203.0.113.9 drop',
  // This nft(8) resets no rules.
  'iptables -Z INPUT': 'replace rule inet filter input handle $handle tcp dport 22 counter accept',
}
export const TWO_RULES =
  'add rule inet filter input tcp dport 22 counter packets 5 bytes 6 accept; add rule inet filter input tcp dport 80 drop'
