#!/bin/sh
# Fetches one backup, the newest whole one unless RESTORE names another, and checks it.
set -eu
target="backup:$DESTINATION"
name=${RESTORE:-latest}
if [ "$name" = latest ]; then
  name=$(rclone lsf --recursive --files-only --include '/*/SHA256SUMS' "$target" | sort | tail -n 1)
  name=${name%/SHA256SUMS}
  [ -n "$name" ] || { echo "there is no whole backup at $target" >&2; exit 1; }
fi
mkdir -p "$BACKUP"
rclone copy "$target/$name" "$BACKUP"
[ -f "$BACKUP/SHA256SUMS" ] || { echo "there is no whole backup '$name' at $target" >&2; exit 1; }
(cd "$BACKUP" && sha256sum -c SHA256SUMS)
echo "fetched $name"
