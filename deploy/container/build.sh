#!/usr/bin/env bash
# Builds the image of the server from this checkout, with no other image.
#
#   deploy/container/build.sh [TAG]      localhost/summit:latest
#
# BUILD is what builds: "podman build", "docker build" or "buildah bud". ARCH is
# amd64 or arm64.
set -euo pipefail
tag=${1:-localhost/summit:latest}
cd "$(dirname "$0")/../.."
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
CGO_ENABLED=0 GOARCH=${ARCH:-$(go env GOARCH)} go build -trimpath -ldflags '-s -w' -o "$context/summit" ./cmd/summit
cp /etc/ssl/certs/ca-certificates.crt "$context"
mkdir "$context/data" "$context/tmp"
chmod 700 "$context/data" "$context/tmp"
read -ra build <<<"${BUILD:-podman build --format docker}"
"${build[@]}" --tag "$tag" --file deploy/container/Containerfile "$context"
