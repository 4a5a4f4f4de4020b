#!/usr/bin/env bash
# Record and read through the proxy, and see refused what must be: a forged
# source, a reader who records, somebody without a token.
set -euo pipefail -v
export SUMMIT_SERVER=https://summit.example.org
SUMMIT_TOKEN=$(cat op.token) summit open geneva-2026 --title 'Geneva talks' --zone Europe/Zurich
SUMMIT_TOKEN=$(cat anna.token) summit record geneva-2026 --desk /desks/geneva --type note.added --entity note/fog \
  --source 'Weather service' --set text='Fog at the airport'
SUMMIT_TOKEN=$(cat rita.token) summit timeline geneva-2026

facts=$SUMMIT_SERVER/v1/summits/geneva-2026/facts
forged='{"source":"/desks/another","type":"note.added","subject":"note/sun","data":{"text":"Sun","sources":[{"id":"s","name":"S"}]}}'
honest=${forged/another/geneva}
post=(curl --silent --header 'Content-Type: application/cloudevents+json' "$facts")
"${post[@]}" --header "Authorization: Bearer $(cat anna.token)" --data "$forged" | grep '"status":403.*/desks/another'
"${post[@]}" --header "Authorization: Bearer $(cat rita.token)" --data "$honest" | grep '"status":403.*rita is a reader'
"${post[@]}" --data "$honest" | grep '"status":401'

# Live, while it is open: a proxy that held frames back would show nothing.
(curl --silent --no-buffer --max-time 3 --header "Authorization: Bearer $(cat rita.token)" \
  "$SUMMIT_SERVER/v1/summits/geneva-2026/live?since=@1" || true) | grep 'event: caught-up'
