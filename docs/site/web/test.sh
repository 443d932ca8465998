#!/usr/bin/env bash
# test.sh [SCREENSHOTS]: the site in a real browser. Installs what a new Debian machine with Go
# and Node lacks, builds the sites of the gallery, the shop and a large project, and tests them.
# With a folder as argument, the pictures of the manual are written there.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v chromium >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  need=(); command -v chromium >/dev/null 2>&1 || need+=(chromium); command -v npm >/dev/null 2>&1 || need+=(nodejs npm)
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${need[@]}"
fi
[ -d node_modules ] && [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --silent
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd ../../.. && go build -o "$work/gen" ./docs/site/sitetest/gen)
cp -r ../testdata/artifacts "$work/artifacts" # the test of live reload changes them
"$work/gen" "$work/artifacts" "$work/gallery" ../testdata/pages
"$work/gen" ../testdata/shop "$work/shop" ../../guide
"$work/gen" -large "$work/large"
SITE_WORK="$work" SITE_SHOTS="${1:-}" node --test --test-concurrency=1 test/*.test.mjs
