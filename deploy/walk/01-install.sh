#!/usr/bin/env bash
# Install the package, and look at what is there.
set -euo pipefail -v
dpkg --install summit_*.deb
systemctl enable --now summit
summit doctor
