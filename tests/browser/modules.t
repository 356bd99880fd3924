#!/bin/sh
# SPDX-License-Identifier: MIT
# The extension's modules that need no browser, under node.
cd "$(dirname "$0")/../.." || exit
exec node --test --test-reporter=tap tests/plugin/*.test.mjs
