#!/bin/sh
# Installs what the tests can use beside Python: a browser, PostgreSQL, bcftools and the programs that the
# workflow from reads to variants calls. Where that is not allowed, the
# tests that need them are skipped and say so.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
command -v bcftools >/dev/null 2>&1 || missing="$missing bcftools"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
for program in fastp bwa samtools mosdepth; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
command -v bgzip >/dev/null 2>&1 || missing="$missing tabix"
# Debian's mosdepth opens libhts.so, which only the development package brings.
mosdepth --version >/dev/null 2>&1 || missing="$missing libhts-dev"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed:$missing (no apt-get here). The tests that need them are skipped."
    exit 0
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "Not installed:$missing (needs root). The tests that need them are skipped."
        exit 0
    fi
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null 2>&1
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
    echo "Could not install:$missing. The tests that need them are skipped."
exit 0
