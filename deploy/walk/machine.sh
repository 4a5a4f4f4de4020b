#!/usr/bin/env bash
# A machine that is thrown away: this one as it is now, copied on write, with
# processes, a network and a systemd of its own. The numbered steps are walked
# on it, in their order.
#
#   deploy/walk/machine.sh PACKAGES REPORT
#
# PACKAGES is the folder of the built packages; what the steps print goes to
# the file REPORT. It needs root, and the Debian packages nginx-light,
# prometheus, openssl, curl and ca-certificates installed. Nothing is left
# behind or running.
set -euo pipefail

# outside makes the namespaces; the control group in them ends with them.
outside() {
  local packages report cgroups group
  packages=$(cd "$1" && pwd)
  : >"$2"
  report=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
  cgroups=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
  group=$cgroups/summit-walk-$$
  stage=$(mktemp -d)
  mkdir "$group"
  # shellcheck disable=SC2064 # they are these, whatever they are called later
  trap "find '$group' -depth -type d -exec rmdir {} + || true; rm -rf '$stage'" EXIT
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec timeout --kill-after=5 "${LIMIT:-900}" \
      unshare --mount --propagation private --net --uts --ipc --cgroup --pid --fork --kill-child \
      "$0" --inside "$stage" "$packages" "$report"
  )
}

# inside lays the machine out and becomes its systemd.
inside() {
  local stage=$1 packages=$2 report=$3 here name
  here=$(cd "$(dirname "$0")" && pwd)
  mount -t tmpfs tmpfs "$stage"
  mkdir "$stage"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$stage/upper,workdir=$stage/work" "$stage/root"
  cd "$stage/root"
  mount -t proc proc proc
  mount -t tmpfs tmpfs dev
  for name in null zero full random urandom tty; do
    : >"dev/$name"
    mount --bind "/dev/$name" "dev/$name"
  done
  mkdir dev/pts dev/shm dev/mqueue dev/hugepages
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666
  mount -t sysfs sysfs sys -o ro
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs tmpfs run
  mount -t tmpfs tmpfs tmp
  mkdir -p run/report root/walk
  cp "$packages"/*.deb "$here"/[0-9]*.sh root/walk
  : >run/report/walk
  mount --bind "$report" run/report/walk
  settle
  mkdir .old
  pivot_root . .old
  umount -l /.old
  export container=summit-walk
  unset NOTIFY_SOCKET
  exec /lib/systemd/systemd --system --unit=walk.target --show-status=no --log-target=journal
}

# settle keeps what this machine would start of its own from starting there,
# and tells systemd what to run.
settle() {
  rm -rf etc/systemd/system/*.wants
  printf '[Unit]\nDefaultDependencies=no\n' >etc/systemd/system/sysinit.target
  printf '127.0.0.1 localhost\n127.0.0.1 summit.example.org\n' >etc/hosts
  printf '[Unit]\nRequires=walk.service systemd-journald.service\n' >etc/systemd/system/walk.target
  cat >etc/systemd/system/walk.service <<X
[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
TimeoutStartSec=infinity
WorkingDirectory=/root/walk
Environment=HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
StandardOutput=append:/run/report/walk
StandardError=append:/run/report/walk
ExecStart=/bin/bash -euc 'for step in ./[0-9]*.sh; do echo "== \$step"; \$step; done'
ExecStopPost=/bin/bash -c '[ "\$SERVICE_RESULT" = success ] || journalctl --no-pager --lines 100'
X
}

case $1 in
--inside) inside "$2" "$3" "$4" ;;
*) outside "$1" "$2" ;;
esac
