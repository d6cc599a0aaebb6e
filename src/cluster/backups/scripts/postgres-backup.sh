#!/bin/sh
# Dumps one database, and checks that the dump can be read. libpq reads PGHOST, PGUSER, PGPASSWORD and the rest itself.
set -eu
mkdir -p "$BACKUP"
pg_dump --format=custom --no-password --file="$BACKUP/postgres.dump"
pg_restore --list "$BACKUP/postgres.dump" >/dev/null
echo "dump of $PGDATABASE on $PGHOST: $(wc -c <"$BACKUP/postgres.dump") bytes"
