#!/bin/sh
# SPDX-License-Identifier: MIT
# Mozilla's linter has nothing to say about the packed extension.
cd "$(dirname "$0")" || exit
echo 1..1
web_ext=node_modules/.bin/web-ext
[ -x $web_ext ] || {
    echo "ok 1 # SKIP npm ci --prefix tests/browser has not been run"
    exit
}
said=$($web_ext lint --source-dir ../../www/stoflow.xpi --warnings-as-errors \
    --no-config-discovery --output json 2>&1) || not='not '
echo "${not-}ok 1 web-ext lint"
[ -z "${not-}" ] || printf '%s\n' "$said" | sed 's/^/# /'
