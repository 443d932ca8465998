#!/usr/bin/env bash
# build.sh [DIR]: checks the types and builds the site's assets into DIR (docs/site/assets).
set -euo pipefail
cd "$(dirname "$0")"
[ -d node_modules ] && [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --silent
npx --no-install tsc
node build.mjs "$@"
