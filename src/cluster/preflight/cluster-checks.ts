import { X509Certificate } from "node:crypto";
import { clusterLayout } from "../../choices/clusters";
import type { Environment } from "../../environment/environment";
import type { Check, Finding } from "../../preflight/check";
import { DAPR_NAMESPACE } from "../facts/dapr-sidecar";
import { controlPlaneNamespace } from "../facts/mesh-settings";
import { ownersSecrets } from "../facts/owners-secrets";
import type { IClusterClient } from "./cluster-client";

/** Days before its end at which the mesh's root certificate is spoken of. */
const ROOT_WARNING_DAYS = 60;

/** Everything that is asked of a cluster before something is deployed into it. */
export function clusterChecks(environment: Environment, client: IClusterClient, now: Date): Check[] {
  const layout = clusterLayout(environment);
  return [
    ...(layout.traits.ownersSecrets ? [secretsCheck(environment, layout.namespace, client)] : []),
    ...(environment.mesh === undefined ? [] : [rootCertificateCheck(environment, client, now)]),
  ];
}

/** Pods wait for a Secret that isn't there, and the deploy waits for the pods until it gives up. */
function secretsCheck(environment: Environment, namespace: string, client: IClusterClient): Check {
  return {
    name: "secrets",
    run: async () => {
      if ((await client.ask(["get", "namespace", namespace, "--output", "name"])) === undefined) {
        return [
          {
            what: `the namespace '${namespace}' isn't there yet, into which the Secrets go`,
            remedy: `npx cdktf deploy ${environment.name}, then ask again`,
            weight: "missing",
          },
        ];
      }
      const found = await Promise.all(ownersSecrets(environment).map((secret) => missing(secret)));
      return found.flat();
    },
  };

  async function missing({ name, keys, reader, make }: ReturnType<typeof ownersSecrets>[number]) {
    // Names of keys alone: no value leaves the cluster.
    const names = 'go-template={{range $key, $_ := .data}}{{$key}}{{"\\n"}}{{end}}';
    const held = await client.ask(["--namespace", namespace, "get", "secret", name, "--output", names]);
    const finding = (what: string): Finding[] => [
      { what, remedy: `${client.command} ${make}`, weight: "missing" },
    ];
    if (held === undefined) {
      return finding(`there is no Secret '${name}' in the namespace '${namespace}', and ${reader} need it`);
    }
    const absent = keys.filter((key) => !held.split("\n").includes(key));
    if (absent.length === 0) return [];
    return finding(`the Secret '${name}' in the namespace '${namespace}' lacks ${absent.join(" and ")}`);
  }
}

/** Dapr makes its root certificate once, for a year. Without it no sidecar gets a certificate: every call ends. */
function rootCertificateCheck({ name, mesh }: Environment, client: IClusterClient, now: Date): Check {
  const namespace = (mesh === undefined ? undefined : controlPlaneNamespace(mesh)) ?? DAPR_NAMESPACE;
  return {
    name: "mesh",
    run: async () => {
      const bundle = [
        "get",
        "configmap",
        "dapr-trust-bundle",
        "--output",
        'go-template={{index .data "ca.crt"}}',
      ];
      const text = await client.ask(["--namespace", namespace, ...bundle]);
      // Before the first deploy there is none.
      if (text === undefined || !text.includes("BEGIN CERTIFICATE")) return [];
      const end = new Date(new X509Certificate(text).validTo);
      const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
      if (days > ROOT_WARNING_DAYS) return [];
      const when = end.toISOString().slice(0, 10);
      return [
        {
          what:
            days < 0
              ? `the root certificate of ${name}'s mesh ended on ${when}: no sidecar gets a certificate any more`
              : `the root certificate of ${name}'s mesh ends on ${when}, in ${days} days; then every call between agents ends`,
          remedy:
            "dapr mtls renew-certificate --kubernetes --valid-until 365 --restart, then roll every agent's pods, in a " +
            "maintenance window: old and new certificates refuse each other (src/cluster/README.md)",
          weight: days < 0 ? "missing" : "doubtful",
        },
      ];
    },
  };
}
