#!/usr/bin/env bash
# Upgrade one replica after the other; then remove it all. What was recorded
# stays, even when the packages are purged.
set -euo pipefail -v
export SUMMIT_SERVER=https://summit.example.org SUMMIT_TOKEN
SUMMIT_TOKEN=$(cat op.token)
dpkg --install summit_*.deb
for replica in one two; do
  systemctl restart "summit@$replica"
  summit audit geneva-2026 --key server-2.key --since geneva-2.checkpoint
done

dpkg --remove summit summit-nats
test -z "$(systemctl list-units --state=running --no-legend 'summit*')"
dpkg --purge summit summit-nats
ls -d /var/lib/summit /var/lib/summit-one /var/lib/summit-nats-n1
