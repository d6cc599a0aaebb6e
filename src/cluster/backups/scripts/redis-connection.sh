# Sourced by the Redis scripts. REDISCLI_AUTH carries the password, so that no process list shows it.
work=${WORK:-/tmp/redis}

store() {
  redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --tls --cacert "$REDIS_CA_FILE" --no-auth-warning "$@"
}

fail() {
  echo "$1" >&2
  exit 1
}
