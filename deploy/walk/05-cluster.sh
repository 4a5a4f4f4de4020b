#!/usr/bin/env bash
# Move the logs to a cluster of three NATS servers, and serve them with two
# replicas. All of it is on one machine here; on several, /etc/summit/nats/cluster.env
# says where each is, and the replicas get copies of the keys and the tokens.
set -euo pipefail -v
dpkg --install summit-nats_*.deb
summit keygen --nats -o replicas.nk >replicas.pub
install -g summit -m 0640 replicas.nk /etc/summit/replicas.nk
sed -i "s/^SUMMIT_NKEY=.*/SUMMIT_NKEY=$(cat replicas.pub)/" /etc/summit/nats/cluster.env
systemctl enable --now summit-nats@n1 summit-nats@n2 summit-nats@n3
nats=nats://127.0.0.1:4222,nats://127.0.0.1:4223,nats://127.0.0.1:4224

# Nobody records while the log moves: the proxy is stopped for that long.
systemctl stop nginx
export SUMMIT_SERVER=http://127.0.0.1:8080
curl --silent --fail $SUMMIT_SERVER/v1/key >server.key
SUMMIT_TOKEN=$(cat op.token) summit audit geneva-2026 --key server.key --save geneva.checkpoint
SUMMIT_TOKEN=$(cat op.token) summit export geneva-2026 -o geneva.summit
systemctl disable --now summit
summit restore geneva.summit --key server.key --since geneva.checkpoint --nats $nats --nats-nkey replicas.nk --replicas 3

for replica in one:8081 two:8082; do
  cat >"/etc/summit/${replica%:*}.conf" <<X
SUMMIT_FLAGS="--addr 127.0.0.1:${replica#*:} --proxy 127.0.0.1 --nats $nats --nats-nkey /etc/summit/replicas.nk --key /var/lib/summit/key --tokens /var/lib/summit/tokens.json"
SUMMIT_SERVER=http://127.0.0.1:${replica#*:}
X
done
systemctl enable --now summit@one summit@two
for port in 8081 8082; do
  # It folds the log into views first; then its signed head is the one that was kept.
  until curl --silent --fail --header "Authorization: Bearer $(cat op.token)" \
    "http://127.0.0.1:$port/v1/summits/geneva-2026/checkpoint" | cmp - geneva.checkpoint; do sleep 1; done
  SUMMIT_TOKEN=$(cat op.token) summit audit geneva-2026 --server http://127.0.0.1:$port --key server.key --since geneva.checkpoint
done

sed -i 's/^  server 127.0.0.1:8080 \(.*\)/  server 127.0.0.1:8081 \1\n  server 127.0.0.1:8082 \1/' /etc/nginx/sites-available/summit
systemctl start nginx
SUMMIT_TOKEN=$(cat rita.token) summit timeline geneva-2026 --server https://summit.example.org
