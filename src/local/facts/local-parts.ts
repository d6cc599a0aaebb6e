import { z } from "zod";
import type { TokenIssuer } from "../../agent/token-issuer";
import type { IssuerTraits } from "../../environment/issuer-traits";
import { platformsOf } from "../../environment/platforms-of";
import type { RegistryTraits } from "../../environment/registry-traits";
import type { TaskStoreTraits } from "../../environment/task-store-traits";
import type { VaultTraits } from "../../environment/vault-traits";
import { type CallerGrants, callerGrants } from "../../identity/caller-grants";
import { listOf } from "../../problem";
import { layOutMachine } from "./local-settings";

/** Images that this machine builds from `agents/images`, and runs without pushing them anywhere. */
export interface LocalImages {
  readonly kind: "local-images";
}

export const localImages: RegistryTraits<LocalImages> = {
  kind: "local-images",
  title: "images of this machine",
  place: "machine",
  needs: null,
  stack: null,
  schema: z.strictObject({ kind: z.literal("local-images") }),
  server: () => "localhost",
  secrets: () => [],
};

/** A file for each secret, in a folder beside the project that git doesn't know. */
export interface LocalFiles {
  readonly kind: "local-files";
}

export const localFiles: VaultTraits<LocalFiles> = {
  kind: "local-files",
  title: "files on this machine",
  place: "machine",
  schema: z.strictObject({ kind: z.literal("local-files") }),
  holds: () => null,
};

/** A Redis of this machine, started with the fleet, where each agent is a user of its own. */
export interface LocalRedis {
  readonly kind: "local-redis";
}

export const localRedis: TaskStoreTraits<LocalRedis> = {
  kind: "local-redis",
  title: "a Redis on this machine",
  place: "machine",
  shared: true,
  apart: "login",
  schema: z.strictObject({ kind: z.literal("local-redis") }),
  secrets: () => [],
};

/** A Postgres of this machine, started with the fleet, where each agent is a user with a database of its own. */
export interface LocalPostgres {
  readonly kind: "local-postgres";
}

export const localPostgres: TaskStoreTraits<LocalPostgres> = {
  kind: "local-postgres",
  title: "a Postgres on this machine",
  place: "machine",
  shared: true,
  apart: "login",
  schema: z.strictObject({ kind: z.literal("local-postgres") }),
  secrets: () => [],
};

/**
 * An issuer of tokens that lives with the fleet: every caller of the fleet is a client of it. Where the agents are
 * containers, it is a Keycloak.
 */
export interface LocalIssuer extends CallerGrants {
  readonly kind: "local-issuer";
}

/** Path below which the issuer is, on the front and on the edge. */
export const ISSUER_PATH = "/identity";

const REALM = "a2a";

export const localIssuer: IssuerTraits<LocalIssuer> = {
  kind: "local-issuer",
  hasClients: true,
  longTokens: null,
  knowsGateways: false,
  isTenant: false,
  withoutHome: (environment) => {
    const elsewhere = platformsOf(environment).filter((kind) => kind !== "local");
    return elsewhere.length === 0
      ? undefined
      : `lives on one machine, which agents on ${listOf(elsewhere)} don't reach; use 'entra', 'keycloak' or 'existing'`;
  },
  schema: z.strictObject({ kind: z.literal("local-issuer"), ...callerGrants }),
  tokenIssuer: (_settings, environment): TokenIssuer => {
    const { frontUrl, publicUrl, runsAs, parts } = layOutMachine(environment);
    const ofRealm = `/realms/${REALM}`;
    const endpoints = `${ofRealm}/protocol/openid-connect`;
    if (runsAs === "processes") {
      const base = `${frontUrl}${ISSUER_PATH}`;
      if (parts.includes("keycloak")) {
        return {
          issuer: `${base}${ofRealm}`,
          jwksUrl: `${base}${endpoints}/certs`,
          tokenUrl: `${base}${endpoints}/token`,
          keycloak: { url: base, realm: REALM },
        };
      }
      const issuer = `${frontUrl}${ISSUER_PATH}`;
      return { issuer, jwksUrl: `${issuer}/keys`, tokenUrl: `${issuer}/token`, keycloak: null };
    }
    // Tokens name what callers see; agents ask for keys inside, where no certificate of this machine's is needed.
    const inside = `http://keycloak:8080${ISSUER_PATH}`;
    return {
      issuer: `${publicUrl}${ISSUER_PATH}${ofRealm}`,
      jwksUrl: `${inside}${endpoints}/certs`,
      tokenUrl: `${publicUrl}${ISSUER_PATH}${endpoints}/token`,
      keycloak: { url: inside, realm: REALM },
    };
  },
};
