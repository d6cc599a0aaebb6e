import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { resolveFleet } from "../../src/fleet/resolve-fleet";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { DaprAccess } from "../support/dapr-access";
import { aksEnvironment, synthCluster } from "../support/kubernetes-fleet";
import { readManifests, withNames } from "../support/kubernetes-manifests";
import { readCustomResources } from "../support/kubernetes-resources";
import { canReach, podsOf } from "../support/network-policy-evaluator";

const SIDECAR = 50002;
const meshed: Environment = { ...aksEnvironment, mesh: { kind: "dapr" } };

describe("who reaches whom in a mesh, in generated fleets", () => {
  test("Dapr's access control, the network policies and the definitions say the same", () => {
    fc.assert(
      fc.property(
        arbitraryFleet({
          maxAgents: 4,
          environment: {
            platform: "kubernetes",
            kubernetes: meshed.kubernetes,
            mesh: meshed.mesh,
            registry: meshed.registry,
          },
        }).filter(
          ({ definitions, environment }) => resolveFleet(definitions, environment).problems.length === 0,
        ),
        ({ definitions, environment }) => {
          const json = withNames(synthCluster(environment, definitions).json);
          const manifests = readManifests(json);
          const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
          const pods = podsOf(manifests);
          const access = new DaprAccess(readCustomResources(json));
          const { workloads } = resolveFleet(definitions, environment);
          for (const caller of workloads) {
            for (const called of workloads.filter(({ name }) => name !== caller.name)) {
              const pair = `${caller.name} → ${called.name}`;
              const from = pods.find(({ name }) => name === caller.name);
              const to = pods.find(({ name }) => name === called.name);
              if (from === undefined || to === undefined) throw new Error(`no pod for ${pair}`);
              const says = caller.peers.some(({ name }) => name === called.name);
              const card = "/.well-known/agent-card.json";
              const byDapr = access.allows(
                { appId: caller.name, namespace: from.namespace },
                { appId: called.name, namespace: to.namespace },
                card,
                "GET",
              );
              const byNetwork = canReach(policies, from, to, SIDECAR);
              expect({ pair, byDapr, byNetwork }).toEqual({ pair, byDapr: says, byNetwork: says });
            }
            // Somebody else's pod in the agents' own namespace: it has a sidecar, and no Configuration of the fleet.
            const to = { appId: caller.name, namespace: "agents" };
            expect(access.allows({ appId: "stranger", namespace: "agents" }, to)).toBe(false);
            expect(access.allows({ appId: caller.name, namespace: "elsewhere" }, to)).toBe(false);
          }
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
