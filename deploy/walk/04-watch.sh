#!/usr/bin/env bash
# Watch it in Prometheus. Figures are the operator's: it shows a token.
set -euo pipefail -v
runuser -u summit -- summit token add --data /var/lib/summit --name prometheus --desk /desks/operations --role operator >prometheus.token
install -o prometheus -m 0400 prometheus.token /etc/prometheus/summit.token
cat >/etc/prometheus/prometheus.yml <<'X'
scrape_configs:
  - job_name: summit
    scrape_interval: 1s
    authorization: {credentials_file: /etc/prometheus/summit.token}
    static_configs: [{targets: ['127.0.0.1:8080', '127.0.0.1:8081', '127.0.0.1:8082']}]
X
chmod 0644 /etc/prometheus/prometheus.yml
promtool check config /etc/prometheus/prometheus.yml
systemctl restart prometheus
until curl --silent --fail 'http://127.0.0.1:9090/api/v1/query?query=summit_position' | grep '"summit":"geneva-2026"'; do sleep 1; done
