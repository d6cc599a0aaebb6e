#!/bin/sh
# Loads a snapshot into a running store. A store that keeps an append-only file never reads a snapshot that is put beside
# it, so a second server reads it and writes it out as commands, which the store then gets.
set -eu
. "$(dirname "$0")/redis-connection.sh"

present=$(store DBSIZE)
case $present in
'' | *[!0-9]*) fail "the store does not answer: $present" ;;
esac
if [ "$present" != 0 ] && [ "${REPLACE:-no}" != yes ]; then
  fail "the store holds $present keys; say --replace to lose them"
fi

mkdir -p "$work"
cp "$BACKUP/redis.rdb" "$work/dump.rdb"
socket=$work/socket
copy() { redis-cli -s "$socket" "$@"; }
# The password is the store's: the copy listens on a socket of this container alone.
password=$REDISCLI_AUTH
unset REDISCLI_AUTH
redis-server --port 0 --unixsocket "$socket" --dir "$work" --dbfilename dump.rdb --save '' --appendonly no \
  --logfile "$work/log" --daemonize yes >/dev/null
until [ "$(copy PING 2>/dev/null)" = PONG ]; do
  [ "$((waited = ${waited:-0} + 1))" -lt 600 ] || fail "the snapshot was not loaded within 600 s: $(tail -n 3 "$work/log")"
  sleep 1
done
expected=$(copy DBSIZE)
copy CONFIG SET aof-use-rdb-preamble no >/dev/null
copy CONFIG SET appendonly yes >/dev/null
until copy INFO persistence | tr -d '\r' | grep -qx 'aof_rewrite_in_progress:0' &&
  ls "$work"/appendonlydir/*.base.aof >/dev/null 2>&1; do
  [ "$((waited = waited + 1))" -lt 1200 ] || fail "the snapshot was not written out within 600 s: $(tail -n 3 "$work/log")"
  sleep 1
done
copy SHUTDOWN NOSAVE >/dev/null 2>&1 || true
export REDISCLI_AUTH="$password"

[ "$present" = 0 ] || store FLUSHALL >/dev/null
store --pipe <"$(ls "$work"/appendonlydir/*.base.aof)"
rm -r "$work"
echo "restored into $REDIS_HOST: $(store DBSIZE) keys of $expected (the rest have expired since)"
