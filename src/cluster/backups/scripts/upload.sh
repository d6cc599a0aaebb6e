#!/bin/sh
# Sends what was dumped, with the configuration of the moment, to object storage, and removes what is too old.
set -eu
target="backup:$DESTINATION"
name=$(date -u +%Y%m%dT%H%M%SZ)
if [ -d "${CONFIGURATION:-/configuration}" ]; then
  mkdir -p "$BACKUP/configuration"
  cp -L "${CONFIGURATION:-/configuration}"/* "$BACKUP/configuration/"
fi
(cd "$BACKUP" && find . -type f ! -name SHA256SUMS | sort | xargs sha256sum >SHA256SUMS)
# The sums go last: a backup without them is one that did not get there whole, and is never restored.
rclone copy --exclude SHA256SUMS "$BACKUP" "$target/$name"
rclone copyto "$BACKUP/SHA256SUMS" "$target/$name/SHA256SUMS"
rclone delete --min-age "${RETENTION_DAYS}d" --rmdirs "$target"
echo "backup $name is at $target"
