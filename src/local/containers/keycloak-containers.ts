import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import { fleetCallers } from "../../identity/fleet-callers";
import { KEYCLOAK_IMAGE, keycloakVariables } from "../../identity/keycloak/keycloak-process";
import { clientSecretVariable, keycloakRealm } from "../../identity/keycloak/keycloak-realm";
import { ISSUER_PATH } from "../facts/local-parts";
import { layOutMachine } from "../facts/local-settings";
import { clientSecretName } from "../local-variables";
import { type Container, healthCheck, healthy, jsonConfig, KEPT_RUNNING, withSecrets } from "./container";

const POSTGRES_IMAGE = "docker.io/library/postgres:17.6";
const DATABASE_PASSWORD = "postgres-password";

/** Keycloak with the fleet's realm, and the Postgres that it keeps it in. */
export function keycloakContainers(
  workloads: readonly AgentWorkload[],
  environment: Environment,
): readonly Container[] {
  return [keycloak(workloads, environment), postgres];
}

function keycloak(workloads: readonly AgentWorkload[], environment: Environment): Container {
  const secrets = [
    { variable: "KC_BOOTSTRAP_ADMIN_PASSWORD", name: "keycloak-admin-password" },
    { variable: "KC_DB_PASSWORD", name: DATABASE_PASSWORD },
    ...fleetCallers(workloads, environment).map(({ name }) => ({
      variable: clientSecretVariable(name),
      name: clientSecretName(name),
    })),
  ];
  const url = `${layOutMachine(environment).publicUrl}${ISSUER_PATH}`;
  const { KC_BOOTSTRAP_ADMIN_CLIENT_ID: _, ...variables } = keycloakVariables({
    publicUrl: url,
    internalUrl: url,
  });
  return {
    name: "keycloak",
    service: {
      image: KEYCLOAK_IMAGE,
      entrypoint: withSecrets(secrets, ["/opt/keycloak/bin/kc.sh", "start", "--import-realm"]),
      environment: {
        ...variables,
        KC_DB: "postgres",
        KC_DB_URL: "jdbc:postgresql://postgres:5432/keycloak",
        KC_DB_USERNAME: "keycloak",
        KC_HTTP_RELATIVE_PATH: ISSUER_PATH,
        KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/",
      },
      secrets: secrets.map(({ name }) => name),
      configs: [{ source: "realm", target: "/opt/keycloak/data/import/realm.json" }],
      depends_on: healthy("postgres"),
      // The image has no program that asks a URL.
      healthcheck: healthCheck(
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/9000; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; grep -q '200 OK' <&3",
      ),
      ...KEPT_RUNNING,
    },
    config: jsonConfig("realm", { ...keycloakRealm(workloads, environment), id: "a2a" }),
  };
}

const postgres: Container = {
  name: "postgres",
  service: {
    image: POSTGRES_IMAGE,
    environment: {
      POSTGRES_USER: "keycloak",
      POSTGRES_DB: "keycloak",
      POSTGRES_PASSWORD_FILE: `/run/secrets/${DATABASE_PASSWORD}`,
    },
    secrets: [DATABASE_PASSWORD],
    volumes: ["postgres:/var/lib/postgresql/data"],
    healthcheck: healthCheck("sh", "-c", "pg_isready --username keycloak"),
    ...KEPT_RUNNING,
  },
  keeps: true,
};
