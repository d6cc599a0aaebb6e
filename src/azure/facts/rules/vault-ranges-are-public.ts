import { isPrivateRange, isTooWide, WIDEST_PREFIX } from "../../../address-range";
import { environmentRule } from "../../../environment/rule";
import { listOf } from "../../../problem";

/** Key Vault refuses private addresses in its firewall at apply: it never sees them. */
export const vaultRangesArePublic = environmentRule("vault-ranges-are-public", ({ vault }) => {
  if (vault.kind !== "key-vault") return [];
  const ranges = vault.allowedRanges ?? [];
  const wide = ranges.filter(isTooWide);
  if (wide.length > 0) {
    return [
      `vault.allowedRanges holds ${listOf(wide)}, which is more than anybody owns (at most /${WIDEST_PREFIX}): the vault ` +
        "would be open to strangers; name the addresses that runners and offices come from",
    ];
  }
  return ranges
    .filter(isPrivateRange)
    .map(
      (range) =>
        `vault.allowedRanges holds ${range}, which is private; name the public address that runners and offices come from, ` +
        "or reach the vault through the network",
    );
});
