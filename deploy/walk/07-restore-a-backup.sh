#!/usr/bin/env bash
# A backup is an archive and the key. Restored into an empty folder, and served
# there, it has the same root.
set -euo pipefail -v
export SUMMIT_SERVER=https://summit.example.org SUMMIT_TOKEN
SUMMIT_TOKEN=$(cat op.token)
summit audit geneva-2026 --key server.key --since geneva.checkpoint --save geneva.checkpoint
summit export geneva-2026 -o backup.summit
summit verify backup.summit --key server.key --since geneva.checkpoint

install -d -o summit -g summit -m 0700 /var/lib/summit-drill
install -o summit -m 0400 backup.summit /var/lib/summit-drill/backup.summit
install -o summit -m 0400 /var/lib/summit/key /var/lib/summit-drill/key
runuser -u summit -- summit restore /var/lib/summit-drill/backup.summit --data /var/lib/summit-drill --key "$(cat server.key)"
cat >/etc/summit/drill.conf <<'X'
SUMMIT_FLAGS="--addr 127.0.0.1:8090 --nats-listen off"
SUMMIT_SERVER=http://127.0.0.1:8090
X
systemctl start summit@drill
# It folds the log into views first; then its signed head is the one that was kept.
until curl --silent --fail http://127.0.0.1:8090/v1/summits/geneva-2026/checkpoint | cmp - geneva.checkpoint; do sleep 1; done
SUMMIT_TOKEN="" summit audit geneva-2026 --server http://127.0.0.1:8090 --key server.key --since geneva.checkpoint
systemctl stop summit@drill
