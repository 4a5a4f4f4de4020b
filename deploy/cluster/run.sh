#!/usr/bin/env bash
# Three NATS servers and two replicas of summit, as processes of this machine.
#
#   deploy/cluster/run.sh [DIR]      runs until it is interrupted
#
# DIR (./cluster-data) keeps the logs, the views and the key between runs.
# PORT (4222), ROUTE (6222) and HTTP (8081) are the first of each kind of port.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-cluster-data}
port=${PORT:-4222} route=${ROUTE:-6222} http=${HTTP:-8081}
mkdir -p "$dir/bin"
dir=$(cd "$dir" && pwd)

(cd "$here/../.." && go build -o "$dir/bin/summit" ./cmd/summit && go build -o "$dir/bin/nats-server" github.com/nats-io/nats-server/v2)
nk() { (cd "$here/../.." && go run github.com/nats-io/nkeys/nk "$@"); }
if [ ! -s "$dir/replicas.nk" ]; then
  (umask 077 && nk -gen user >"$dir/replicas.nk.new")
  mv "$dir/replicas.nk.new" "$dir/replicas.nk"
fi
SUMMIT_NKEY=$(nk -inkey "$dir/replicas.nk" -pubout)
export SUMMIT_NKEY HOST=127.0.0.1
export ROUTE_1="nats://127.0.0.1:$route" ROUTE_2="nats://127.0.0.1:$((route + 1))" ROUTE_3="nats://127.0.0.1:$((route + 2))"

pids=()
stop() {
  trap - EXIT INT TERM
  # In the order of the flow: first those that write, then those that keep.
  [ ${#pids[@]} -lt 5 ] || { kill "${pids[@]:3}" 2>/dev/null || true; wait "${pids[@]:3}" 2>/dev/null || true; }
  kill "${pids[@]:0:3}" 2>/dev/null || true
  wait
}
trap stop EXIT INT TERM

urls=""
for i in 1 2 3; do
  NODE=n$i CLIENT_PORT=$((port + i - 1)) ROUTE_PORT=$((route + i - 1)) STORE="$dir/n$i" \
    "$dir/bin/nats-server" -c "$here/nats.conf" >"$dir/n$i.log" 2>&1 &
  pids+=($!)
  echo "$!" >"$dir/n$i.pid"
  urls+="${urls:+,}nats://127.0.0.1:$((port + i - 1))"
done
demo=--demo
for i in 1 2; do
  "$dir/bin/summit" serve --nats "$urls" --nats-nkey "$dir/replicas.nk" --data "$dir/replica$i" \
    --addr "127.0.0.1:$((http + i - 1))" $demo >"$dir/replica$i.log" 2>&1 &
  pids+=($!)
  echo "$!" >"$dir/replica$i.pid"
  demo=""
done
echo "NATS     $urls"
echo "Replicas http://127.0.0.1:$http http://127.0.0.1:$((http + 1))"
echo "Logs     $dir/*.log; interrupt to stop"
wait
