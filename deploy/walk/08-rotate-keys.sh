#!/usr/bin/env bash
# Change every key, one after the other.
set -euo pipefail -v
export SUMMIT_SERVER=https://summit.example.org SUMMIT_TOKEN
SUMMIT_TOKEN=$(cat op.token)

# A token: a new one under another name, then the old one ends at once.
runuser -u summit -- summit token add --data /var/lib/summit --name anna-2 --desk /desks/geneva --role recorder --summits geneva-2026 >anna-2.token
runuser -u summit -- summit token revoke --data /var/lib/summit --name anna
curl --silent --header "Authorization: Bearer $(cat anna.token)" "$SUMMIT_SERVER/v1/summits/geneva-2026/timeline" | grep '"status":401'

# The key that signs. What the old one signed last is put aside, the old public
# key and the checkpoints are kept: at the same size, the new key signs the same root.
systemctl stop summit@one summit@two
mv /var/lib/summit/key /var/lib/summit/key.old
runuser -u summit -- summit keygen --name "$(cut -d+ -f1 server.key)" -o /var/lib/summit/key >server-2.key
for replica in one two; do mv "/var/lib/summit-$replica/checkpoints" "/var/lib/summit-$replica/checkpoints.old"; done
systemctl start summit@one summit@two
summit audit geneva-2026 --key server-2.key --save geneva-2.checkpoint
curl --silent --fail --header "Authorization: Bearer $SUMMIT_TOKEN" \
  "$SUMMIT_SERVER/v1/summits/geneva-2026/checkpoint?size=$(sed -n 2p geneva.checkpoint)" >same-size.checkpoint
diff <(sed -n 2,3p geneva.checkpoint) <(sed -n 2,3p same-size.checkpoint)

# The key that the replicas show the NATS servers. Facts are refused for the
# moment between the last server and the first replica.
summit keygen --nats -o replicas-2.nk >replicas-2.pub
install -g summit -m 0640 replicas-2.nk /etc/summit/replicas.nk
sed -i "s/^SUMMIT_NKEY=.*/SUMMIT_NKEY=$(cat replicas-2.pub)/" /etc/summit/nats/cluster.env
for server in n1 n2 n3; do systemctl restart summit-nats@$server; done
systemctl restart summit@one summit@two
summit audit geneva-2026 --key server-2.key --since geneva-2.checkpoint

# The certificate: written in the place of the old one, read by a reload.
systemctl reload nginx
