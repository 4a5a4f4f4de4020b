#!/usr/bin/env bash
# Make tokens, and put a proxy with TLS before the server. The certificate here
# is one that signs itself; from an authority, the lines from openssl to
# update-ca-certificates fall away.
set -euo pipefail -v
umask 077
runuser -u summit -- summit token add --data /var/lib/summit --name op --desk /desks/operations --role operator >op.token
runuser -u summit -- summit token add --data /var/lib/summit --name anna --desk /desks/geneva --role recorder --summits geneva-2026 >anna.token
runuser -u summit -- summit token add --data /var/lib/summit --name rita --desk /desks/readers --role reader >rita.token

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=summit.example.org \
  -addext subjectAltName=DNS:summit.example.org -keyout /etc/ssl/private/summit.key -out /etc/ssl/certs/summit.pem
install -m 0644 /etc/ssl/certs/summit.pem /usr/local/share/ca-certificates/summit.crt
update-ca-certificates

install -m 0644 /usr/share/doc/summit/proxy/nginx.conf /etc/nginx/sites-available/summit
ln -s ../sites-available/summit /etc/nginx/sites-enabled/summit
sed -i 's/^SUMMIT_FLAGS=.*/SUMMIT_FLAGS="--addr 127.0.0.1:8080 --nats-listen off --proxy 127.0.0.1"/' /etc/summit/summit.conf
systemctl restart summit
systemctl enable nginx
systemctl restart nginx
SUMMIT_TOKEN=$(cat op.token) summit doctor --server https://summit.example.org
