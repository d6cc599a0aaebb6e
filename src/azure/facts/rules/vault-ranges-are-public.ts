import { environmentRule } from "../../../environment/rule";

const privateRange =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** Key Vault refuses private addresses in its firewall at apply: it never sees them. */
export const vaultRangesArePublic = environmentRule("vault-ranges-are-public", ({ vault }) => {
  if (vault.kind !== "key-vault") return [];
  return (vault.allowedRanges ?? [])
    .filter((range) => privateRange.test(range))
    .map(
      (range) =>
        `vault.allowedRanges holds ${range}, which is private; name the public address that runners and offices come from, ` +
        "or reach the vault through the network",
    );
});
