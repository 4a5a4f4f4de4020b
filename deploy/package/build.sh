#!/usr/bin/env bash
# Builds the Debian packages summit and summit-nats from this checkout.
#
#   deploy/package/build.sh [DIR]      into DIR (./dist)
#
# VERSION and ARCH (amd64, arm64) may be set. The same commit gives the same
# bytes.
set -euo pipefail
mkdir -p "${1:-dist}"
out=$(cd "${1:-dist}" && pwd)
cd "$(dirname "$0")/../.."
revision=$(git rev-parse --short HEAD)
VERSION=${VERSION:-0.0.0~git$revision}
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
ARCH=${ARCH:-$(go env GOARCH)}
STAGE=$(mktemp -d)
export VERSION SOURCE_DATE_EPOCH ARCH STAGE
trap 'rm -rf "$STAGE"' EXIT

# Static: they run in any Debian, and in an empty container.
export CGO_ENABLED=0 GOARCH=$ARCH
go build -buildvcs=true -trimpath -ldflags '-s -w' -o "$STAGE/summit" ./cmd/summit
go build -trimpath -ldflags '-s -w' -o "$STAGE/nats-server" github.com/nats-io/nats-server/v2
unset GOARCH

# Man pages and completion come from the program itself, in this machine's make.
here=$STAGE/summit
if [ "$ARCH" != "$(go env GOHOSTARCH)" ]; then
  here=$STAGE/here
  go build -trimpath -ldflags '-s -w' -o "$here" ./cmd/summit
fi
"$here" man "$STAGE/man" >/dev/null
gzip -9n "$STAGE"/man/*
mkdir "$STAGE/completion"
for shell in bash zsh fish; do "$here" completion $shell >"$STAGE/completion/$shell"; done

mkdir -p "$STAGE/doc" "$STAGE/doc-nats"
cp -R deploy/README.md CHANGELOG.md deploy/proxy deploy/runbooks deploy/observe "$STAGE/doc"
cp deploy/package/nats/README.md "$STAGE/doc-nats"
for package in summit nats; do
  name=summit; [ $package = summit ] || name=summit-nats
  doc=$STAGE/doc; [ $package = summit ] || doc=$STAGE/doc-nats
  cp "deploy/package/$package/copyright" "$doc"
  printf '%s (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the package summit.\n\n -- The Summit authors <summit@localhost>  %s\n' \
    "$name" "$VERSION" "$(TZ=UTC git log -1 --format=%cD)" | gzip -9n >"$doc/changelog.gz"
done
find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
chmod -R u=rwX,go=rX "$STAGE"

for package in summit nats; do
  go tool -modfile=deploy/tools.mod nfpm package --config "deploy/package/$package.yaml" --packager deb --target "$out/"
done
