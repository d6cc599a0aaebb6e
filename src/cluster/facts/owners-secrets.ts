import type { Environment } from "../../environment/environment";
import { isOtherRegistry } from "../../environment/other-registry";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";
import { storageCredentials } from "./backup-settings";

/** Key of the value in a Secret that somebody made for an agent. */
export const SECRET_KEY = "value";

/** Key of the login in a Secret that pulls images. */
const LOGIN_KEY = ".dockerconfigjson";

/** A Secret that the cluster's owner makes in the agents' namespace, and that something in it waits for. */
export interface OwnersSecret {
  readonly name: string;
  /** Keys that are read. */
  readonly keys: readonly string[];
  /** What reads it, for messages. */
  readonly reader: string;
  /** How it is made, without the context and the namespace. */
  readonly make: string;
}

/** The Secrets that have to be in a cluster before the agents of an environment. */
export function ownersSecrets({
  vault,
  registry,
  kubernetes,
  identityProvider,
  telemetry,
}: Pick<
  Environment,
  "vault" | "registry" | "kubernetes" | "identityProvider" | "telemetry"
>): OwnersSecret[] {
  const login = isOtherRegistry(registry) ? registry : undefined;
  const named = vault.kind === "kubernetes" ? vault.secrets : [];
  const backups = kubernetes?.backups;
  const database = keycloakOf({ identityProvider })?.database;
  const collectors = new Set(Object.values(telemetry?.forwardTo?.headers ?? {}));
  return [
    ...(login === undefined
      ? []
      : [
          {
            name: login.passwordSecret,
            keys: [LOGIN_KEY],
            reader: "who pulls images",
            make:
              `create secret docker-registry ${login.passwordSecret} --docker-server=${login.server} ` +
              `--docker-username=${login.username} --docker-password=…`,
          },
        ]),
    ...named
      .filter((name) => name !== login?.passwordSecret)
      .map((name) => generic(name, [SECRET_KEY], "agents")),
    ...(backups === undefined
      ? []
      : [generic(backups.credentialsSecret, Object.values(storageCredentials(backups.storage)), "backups")]),
    ...(database === undefined
      ? []
      : [generic(database.credentialsSecret, ["username", "password"], "Keycloak")]),
    ...[...collectors]
      .filter((name) => !named.includes(name))
      .map((name) => generic(name, [SECRET_KEY], "the telemetry collector")),
  ];
}

function generic(name: string, keys: readonly string[], reader: string): OwnersSecret {
  const files = keys.map((key) => `--from-file=${key}=…`).join(" ");
  return { name, keys, reader, make: `create secret generic ${name} ${files}` };
}
