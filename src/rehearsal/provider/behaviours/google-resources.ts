import type { Behaviour } from "../behaviour";
import { textAt } from "../value";
import { projectNumber } from "./who-am-i";

const serviceAccount: Behaviour = {
  types: ["google_service_account"],
  computed({ cloud, id, name }) {
    const email = id.split("/").at(-1) ?? "";
    const digits = BigInt(`0x${cloud.hash(id).slice(0, 16)}`)
      .toString()
      .padStart(20, "1")
      .slice(0, 20);
    return { email, member: `serviceAccount:${email}`, name: id, unique_id: `1${digits}`, account_id: name };
  },
};

/** An API that is enabled is enabled once more without a word, by however many configurations. */
const enabledService: Behaviour = {
  types: ["google_project_service"],
  takesOver: true,
};

const secret: Behaviour = {
  types: ["google_secret_manager_secret"],
  computed({ cloud, id }) {
    const [, project = "", , name = ""] = id.split("/");
    return { name: `projects/${projectNumber(cloud, project)}/secrets/${name}` };
  },
};

/** Versions count from one, and count on when one is replaced. */
const secretVersion: Behaviour = {
  types: ["google_secret_manager_secret_version"],
  // Its id has the project's number where everything else has its name.
  identity: ({ secret, version }) =>
    typeof secret === "string" && typeof version === "string" ? `${secret}/versions/${version}` : undefined,
  id({ attributes }, cloud) {
    const parent = textAt(attributes, "secret") ?? "";
    return `${parent}/versions/${cloud.ledger.countAttempt(`version of ${parent}`)}`;
  },
  computed({ cloud, id }) {
    const [version = "", , name = ""] = id.split("/").reverse();
    const project = /^projects\/([^/]+)\//.exec(id)?.[1] ?? cloud.scope;
    const numbered = `projects/${projectNumber(cloud, project)}/secrets/${name}/versions/${version}`;
    return { id: numbered, name: numbered, version, create_time: "2026-11-01T00:00:00Z", destroy_time: "" };
  },
};

const redisInstance: Behaviour = {
  types: ["google_redis_instance"],
  computed({ cloud, id, attributes }) {
    const isSecure = textAt(attributes, "transit_encryption_mode") === "SERVER_AUTHENTICATION";
    const last = Number.parseInt(cloud.hash(id).slice(0, 2), 16);
    return {
      host: `10.87.${last}.3`,
      port: isSecure ? 6378 : 6379,
      auth_string: attributes.auth_enabled === true ? cloud.secret(id, "auth string") : "",
      server_ca_certs: isSecure
        ? [
            {
              cert: `-----BEGIN CERTIFICATE-----\n${cloud.hash(id, "ca")}\n-----END CERTIFICATE-----`,
              serial_number: "0",
            },
          ]
        : [],
      redis_version: "REDIS_7_2",
      connect_mode: "DIRECT_PEERING",
      authorized_network: `projects/${id.split("/")[1]}/global/networks/default`,
    };
  },
};

const sqlServer: Behaviour = {
  types: ["google_sql_database_instance"],
  computed({ cloud, id, attributes }) {
    const project = textAt(attributes, "project") ?? cloud.scope;
    const region = textAt(attributes, "region") ?? "";
    const last = Number.parseInt(cloud.hash(id).slice(0, 2), 16);
    return {
      connection_name: `${project}:${region}:${id}`,
      private_ip_address: `10.88.${last}.3`,
      first_ip_address: `10.88.${last}.3`,
      public_ip_address: "",
      self_link: `https://sqladmin.googleapis.com/sql/v1beta4/projects/${project}/instances/${id}`,
      server_ca_cert: [
        {
          cert: `-----BEGIN CERTIFICATE-----\n${cloud.hash(id, "ca")}\n-----END CERTIFICATE-----`,
          common_name: "Google Cloud SQL Server CA",
          create_time: "2026-11-01T00:00:00Z",
          expiration_time: "2036-10-29T00:00:00Z",
          sha1_fingerprint: cloud.hash(id, "fingerprint").slice(0, 40),
        },
      ],
    };
  },
};

const addresses: Behaviour = {
  types: ["google_compute_global_address", "google_compute_address"],
  computed({ cloud, id }) {
    const octets = Buffer.from(cloud.hash(id).slice(0, 4), "hex");
    return { address: `34.120.${octets[0]}.${octets[1]}` };
  },
};

const repository: Behaviour = {
  types: ["google_artifact_registry_repository"],
  computed({ id }) {
    const [, project = "", , location = "", , name = ""] = id.split("/");
    return { name, registry_uri: `${location}-docker.pkg.dev/${project}/${name}` };
  },
};

/** Everything of compute has the address that its API gives it. */
const selfLinks: Behaviour = {
  types: ["google_compute_*"],
  computed: ({ id }) => ({ self_link: `https://www.googleapis.com/compute/v1/${id}` }),
};

export const googleResources: readonly Behaviour[] = [
  enabledService,
  serviceAccount,
  secret,
  secretVersion,
  redisInstance,
  sqlServer,
  addresses,
  repository,
  selfLinks,
];
