#!/bin/sh
# Puts a dump back in one transaction: all of it, or nothing.
set -eu
tables=$(psql --no-password --tuples-only --no-align --command="select count(*) from pg_catalog.pg_tables where schemaname not in ('pg_catalog', 'information_schema')")
if [ "$tables" != 0 ] && [ "${REPLACE:-no}" != yes ]; then
  echo "the database $PGDATABASE holds $tables tables; say --replace to lose them" >&2
  exit 1
fi
pg_restore --no-password --exit-on-error --single-transaction --clean --if-exists --no-owner --dbname="$PGDATABASE" "$BACKUP/postgres.dump"
echo "restored into $PGDATABASE on $PGHOST"
