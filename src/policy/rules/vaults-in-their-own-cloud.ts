import { agentRule } from "../rule";

/** Agents on Cloud Run always read Secret Manager; no other platform does. */
export const vaultsInTheirOwnCloud = agentRule("vaults-in-their-own-cloud", (workload, { vault }) => {
  if (workload.platform === "cloud-run" || vault.kind !== "secret-manager") return undefined;
  return (
    `it runs on ${workload.platform}, and the vault is Google's Secret Manager, which it has no identity for; ` +
    "set vault to { kind: 'key-vault' }: agents on Cloud Run read Secret Manager all the same"
  );
});
