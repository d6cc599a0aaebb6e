/** One container of a fleet, with what its Compose file has to have for it. */
export interface Container {
  /** Name of its service, at which the others reach it. */
  readonly name: string;
  /** Its service, as Compose has it. */
  readonly service: { readonly [setting: string]: unknown; readonly secrets?: readonly string[] };
  /** Whether it keeps something: in a volume of its own name. */
  readonly keeps?: true;
  /** What it is configured with: a file beside the Compose file. */
  readonly config?: ContainerConfig;
  /** Secrets that are made of others, by name. */
  readonly madeSecrets?: Readonly<Record<string, string>>;
}

/** A plain file that a container reads. */
export interface ContainerConfig {
  /** Name by which its service mounts it. */
  readonly name: string;
  /** Name of the file. */
  readonly file: string;
  readonly text: string;
}

/** What every container of a fleet has. */
export const KEPT_RUNNING = {
  restart: "unless-stopped",
  security_opt: ["no-new-privileges:true"],
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
} as const;

/** A configuration that is data: `<name>.json`. */
export function jsonConfig(name: string, data: object): ContainerConfig {
  return { name, file: `${name}.json`, text: `${JSON.stringify(data, null, 2)}\n` };
}

/** Services that have to be well before another starts. */
export function healthy(...services: readonly string[]): object {
  return Object.fromEntries(services.map((service) => [service, { condition: "service_healthy" }]));
}

/** @param test the command that finds out how a container is */
export function healthCheck(...test: readonly string[]): object {
  return { test: ["CMD", ...test], interval: "5s", timeout: "5s", retries: 30, start_period: "30s" };
}

/** Compose reads `$` itself: a value of somebody's own stands for itself. */
export function escaped(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll("$", "$$$$")]),
  );
}

/** A secret that a program reads from a variable. */
export interface SecretVariable {
  readonly variable: string;
  /** Name of the secret. */
  readonly name: string;
}

/** A command that finds its secrets in variables, out of files: nobody who looks at the container sees them. */
export function withSecrets(secrets: readonly SecretVariable[], command: readonly string[]): string[] {
  if (secrets.length === 0) return [...command];
  const exports = secrets.map(({ variable, name }) => `export ${variable}="$$(cat /run/secrets/${name})"`);
  return ["sh", "-c", [...exports, 'exec "$$0" "$$@"'].join("; "), ...command];
}
