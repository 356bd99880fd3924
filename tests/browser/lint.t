#!/bin/sh
# SPDX-License-Identifier: MIT
# Mozilla's linter has nothing to say about the packed extension.
cd "$(dirname "$0")/../.." || exit
echo 1..1
[ ! -e build/browser/missing ] || {
    echo "ok 1 # SKIP $(cat build/browser/missing)"
    exit
}
# Debian 12's own node is 18.
[ "$(node --print 'parseInt(process.versions.node) >= 20')" = true ] || {
    echo "ok 1 # SKIP web-ext needs node 20, and here is $(node --version)"
    exit
}
said=$(build/browser/node_modules/.bin/web-ext lint \
    --source-dir www/stoflow.xpi --warnings-as-errors --no-config-discovery \
    --output json 2>&1) || not='not '
echo "${not-}ok 1 web-ext lint"
[ -z "${not-}" ] || printf '%s\n' "$said" | sed 's/^/# /'
