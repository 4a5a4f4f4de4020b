#!/usr/bin/env bash
# Lose a replica, then a NATS server with its disk: the others go on, and what
# was lost comes back. While the servers elect a new leader, a few seconds, a
# request may fail; it is sent again with the same id, and recorded once.
set -euo pipefail -v
export SUMMIT_SERVER=https://summit.example.org SUMMIT_TOKEN
SUMMIT_TOKEN=$(cat anna.token)
note() {
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  until summit record geneva-2026 --id "$id" --desk /desks/geneva --type note.added --entity "note/$1" --source 'A reporter' --set text="$2"; do
    sleep 1
  done
}
systemctl kill --signal=KILL summit@two
systemctl stop summit@two
for n in 1 2 3 4; do note without-two "Recorded while a replica is away ($n)"; done
systemctl start summit@two

systemctl kill --signal=KILL summit-nats@n2
systemctl stop summit-nats@n2
rm -r /var/lib/summit-nats-n2
note without-n2 'Recorded while a NATS server is away'
systemctl start summit-nats@n2

# Both replicas know all of it, and derive the same root. The server that came
# back copies the logs from the others; the other two keep taking facts.
position=$(note all-back 'All are back' | awk 'END {print $NF}')
for port in 8081 8082; do
  get=(curl --silent --fail --header "Authorization: Bearer $SUMMIT_TOKEN")
  until "${get[@]}" "http://127.0.0.1:$port/v1/summits/geneva-2026?min=$position"; do sleep 1; done
  until "${get[@]}" "http://127.0.0.1:$port/v1/summits/geneva-2026/checkpoint" >"$port.checkpoint"; do sleep 1; done
done
cmp 8081.checkpoint 8082.checkpoint
SUMMIT_TOKEN=$(cat op.token) summit doctor
