#!/bin/sh
# Takes a snapshot of the store, as a replica would, and checks that it can be read.
set -eu
. "$(dirname "$0")/redis-connection.sh"
mkdir -p "$BACKUP"
store --rdb "$BACKUP/redis.rdb"
redis-check-rdb "$BACKUP/redis.rdb" >"$BACKUP/redis.check" || fail "the snapshot cannot be read: $(cat "$BACKUP/redis.check")"
rm "$BACKUP/redis.check"
echo "snapshot of $REDIS_HOST: $(wc -c <"$BACKUP/redis.rdb") bytes"
