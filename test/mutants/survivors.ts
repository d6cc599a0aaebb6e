import type { Mutant } from "./find-mutants";

/** A change that nobody is to notice, by what stood there and around it: lines move. */
export interface Survivor extends Pick<Mutant, "file" | "inLine" | "before" | "after"> {
  /** Why that is as it should be. */
  readonly reason: string;
}

export const SURVIVORS: readonly Survivor[] = [
  {
    file: "src/azure/container-apps/container-apps-platform.ts",
    inLine: "return [...plain, ...secret].toSorted((a, b) => (a.name < b.name ? -1 : 1));",
    before: "1",
    after: "2",
    reason: "an order asks only whether it is below or above zero",
  },
  {
    file: "src/azure/aks/azure-cluster.ts",
    inLine: "return { ...binding, egress: [...(binding.egress ?? []), place] };",
    before: "binding.egress ?? []",
    after: "([])",
    reason: "what it is called for, Keycloak beside the cluster, asks for no other way out",
  },
  {
    file: "src/azure/aks/azure-workload-identities.ts",
    inLine: 'egress: [{ host: "login.microsoftonline.com" }],',
    before: '"login.microsoftonline.com"',
    after: '""',
    reason: "a network policy knows no names: it opens the port to all addresses outside, whatever the name",
  },
  {
    file: "src/gateway/agent-operations.ts",
    inLine: 'binding: "HTTP+JSON",',
    before: '"HTTP+JSON"',
    after: '""',
    reason: "a caller who doesn't speak JSON-RPC is told in the terms of REST, whatever the name",
  },
  {
    file: "src/gateway/agent-operations.ts",
    inLine: 'binding: "HTTP+JSON",',
    before: 'binding: "HTTP+JSON",',
    after: "",
    reason: "the same, and the compiler asks for it",
  },
  {
    file: "src/gateway/agent-policies.ts",
    inLine: 'onError: [base, ...answerFailure("HTTP+JSON")],',
    before: '"HTTP+JSON"',
    after: '""',
    reason:
      "the same: of the two bindings only JSON-RPC is answered otherwise, and a card is asked for by neither",
  },
  {
    file: "src/cluster/agent/service-account-identities.ts",
    inLine: "serviceAccountAnnotations: {},",
    before: "serviceAccountAnnotations: {},",
    after: "",
    reason: "it is spread, as nothing is too, and the compiler asks for it",
  },
  {
    file: "src/cluster/agent/service-account-identities.ts",
    inLine: "podLabels: {},",
    before: "podLabels: {},",
    after: "",
    reason: "the same",
  },
  {
    file: "src/cluster/agent/service-account-identities.ts",
    inLine: "variables: {},",
    before: "variables: {},",
    after: "",
    reason: "the same",
  },
  {
    file: "src/identity/keycloak/keycloak-binding.ts",
    inLine: 'kind: "openid",',
    before: '"openid"',
    after: '""',
    reason: "of the two kinds of checks the gateway asks for a tenant's, and the compiler knows no third",
  },
  {
    file: "src/google/facts/cloud-run-traits.ts",
    inLine: "if (seconds > 240) {",
    before: "240",
    after: "241",
    reason: "probes come every so many whole seconds: none of what somebody may ask for makes 241",
  },
  {
    file: "src/google/cloud-run/caller-place.ts",
    inLine: '`timestamp>="${new Date(Date.now() - 600_000).toISOString()}"`,',
    before: "600_000",
    after: "600001",
    reason: "any time before the job was made will do",
  },
];

export function isOf(mutant: Mutant, { file, inLine, before, after }: Survivor): boolean {
  return (
    mutant.file === file && mutant.inLine === inLine && mutant.before === before && mutant.after === after
  );
}

/** Why nobody notices a change, where that is as it should be. */
export function reasonFor(mutant: Mutant): string | undefined {
  return SURVIVORS.find((each) => isOf(mutant, each))?.reason;
}
