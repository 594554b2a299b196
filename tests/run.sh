#!/bin/sh
# Runs every test: all of them on SQLite, then the node's on a throw-away PostgreSQL. Ends with one line for each.
cd "$(dirname "$0")/.." || exit 1
python=.venv/bin/python
sh tests/provision.sh

# Work is stolen, not dealt out: each worker keeps to one stretch of the tests, and makes what they share once.
$python -m pytest -n auto --dist worksteal "$@"
sqlite=$?
$python tests/with_postgresql.py $python -m pytest src/varde_node -n auto --dist worksteal -m "not browser and not slow" "$@"
postgresql=$?

word() { [ "$1" = 0 ] && echo passed || echo "FAILED (exit code $1)"; }
echo "Everything, on SQLite: $(word $sqlite)"
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    echo "The node, on PostgreSQL: $(word $postgresql)"
else
    echo "The node, on PostgreSQL: not run, PostgreSQL is not installed"
fi
[ $sqlite = 0 ] && [ $postgresql = 0 ]
