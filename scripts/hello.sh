#!/bin/sh
# What a container sees of itself. Runs as the first process of berth/hello, in busybox alone.

line() { printf '  %-13s %s\n' "$1" "$2"; }
read_first() { for f in "$@"; do [ -r "$f" ] && { head -n 1 "$f"; return; }; done; echo ''; }
plural() { if [ "$1" = 1 ]; then echo "1 $2"; else echo "$1 $2s"; fi; }

mebibytes() {
  case "$1" in '' | max) echo 'no limit'; return ;; esac
  # Version 1 of control groups says "no limit" with a number near 2^63.
  if [ "${#1}" -gt 15 ]; then echo 'no limit'; else echo "$(($1 / 1048576)) MiB"; fi
}

processors() {
  set -- $(read_first /sys/fs/cgroup/cpu.max)
  if [ $# = 0 ]; then
    set -- "$(read_first /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us)" \
      "$(read_first /sys/fs/cgroup/cpu/cpu.cfs_period_us /sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us)"
  fi
  case "$1" in '' | max | -1) echo 'all CPUs' ;; *) awk -v q="$1" -v p="$2" 'BEGIN { printf "%.2g CPUs", q / p }' ;; esac
}

identity() {
  inside=$(id -u)
  name=$(id -un 2>/dev/null || echo "$inside")
  outside=$(awk -v id="$inside" 'id >= $1 && id < $1 + $3 { print $2 + id - $1; exit }' /proc/self/uid_map)
  if [ "$inside" = "$outside" ]; then echo "$name (uid $inside, the same on the host)"; else echo "$name (uid $inside, which is uid $outside on the host)"; fi
}

namespaces() {
  for kind in user mnt pid net uts ipc cgroup; do
    id=$(readlink "/proc/self/ns/$kind" 2>/dev/null) || continue
    id=${id##*[}
    printf '%s %s  ' "$kind" "${id%]}"
  done
}

address() {
  for device in $(ls /sys/class/net 2>/dev/null); do
    [ "$device" = lo ] && continue
    found=$(ip -4 -o addr show dev "$device" 2>/dev/null | awk '{ print $4; exit }')
    [ -n "$found" ] && { echo "$found on $device"; return; }
  done
  echo 'none (only the loopback)'
}

pids=$(read_first /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max)
case "$pids" in '' | max) pids='any number of processes' ;; *) pids=$(plural "$pids" process | sed 's/processs$/processes/') ;; esac
memory=$(mebibytes "$(read_first /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes)")
gateway=$(ip route 2>/dev/null | awk '$1 == "default" { print $3; exit }')

echo 'Hello from Berth! This container works, and this is what it sees of itself:'
echo
line 'host name' "$(hostname)"
line 'process' "number $$ of its own process table"
line 'user' "$(identity)"
line 'namespaces' "$(namespaces | sed 's/ *$//')"
line 'limits' "memory: $memory, processors: $(processors), $pids"
line 'file system' "$(awk '$2 == "/" { print $3; exit }' /proc/mounts) as /, $(plural "$(wc -l </proc/mounts)" mount) in all"
line 'network' "$(address)${gateway:+, gateway $gateway}"
line 'name server' "$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf 2>/dev/null)"
line 'kernel' "$(uname -sr)"
echo
echo 'To look around yourself:   berth run -it berth/base'
