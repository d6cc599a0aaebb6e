/** The child process that serves the simulated clouds. It lives as long as its standard input is open. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { nameOfSource, readGivenProviders } from "../given-providers";
import { Ledger } from "../ledger";
import { behavioursOf } from "./behaviours";
import type { Fidelity } from "./fidelity";
import { setChartFolders } from "./kubernetes/terraform/chart-folders";
import { simulatedProviders } from "./providers";
import { schemaOnly } from "./providers/schema-only";
import { type ProviderVersion, providerOfType, providerVersions } from "./schema/schema-store";
import { ProviderServer } from "./server";

/** What the parent says on the first line. */
export interface ServerOptions {
  readonly folder: string;
  readonly socketFolder: string;
  readonly types?: readonly string[];
  readonly seed?: string;
}

/** What the parent may say on later lines. */
export interface OfferRequest {
  readonly types?: readonly string[];
  /** Folders that Terraform runs in: the paths of charts count from there. */
  readonly folders?: readonly string[];
}

/** What the parent may ask on later lines: how far the plans of these types can be trusted. */
export interface FidelityRequest {
  readonly fidelityOf: readonly string[];
}

/** A provider, or a version of one, and where it is served. */
export interface ServedProvider {
  /** Namespace and name in the registry: `hashicorp/azurerm`. */
  readonly source: string;
  /** Its registry's host, where it isn't Terraform's or OpenTofu's own. */
  readonly host?: string;
  /** Undefined where it stands for every version. */
  readonly version?: string;
  readonly protocol: 5 | 6;
  readonly socket: string;
  /** Whether all that is known of it counts, and not its schema alone. */
  readonly isHeld: boolean;
}

/** What the child answers to every line, in one line. */
export type ServerAnswer =
  | { readonly served: readonly ServedProvider[] }
  | { readonly fidelity: Readonly<Record<string, Fidelity>> }
  | { readonly error: string };

const servers: ProviderServer[] = [];
/** Those of the providers whose schemas and rules the project holds, by name. */
const heldServers = new Map<string, ProviderServer>();
let ownSockets: string | undefined;
const served: ServedProvider[] = [];

function answer(message: ServerAnswer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function serve({ folder, socketFolder, types, seed }: ServerOptions): Promise<void> {
  ownSockets = socketFolder;
  const ledger = new Ledger(folder, seed);
  const offered = types && new Set(types);
  const listen = async (server: ProviderServer, name: string) => {
    const socket = join(socketFolder, `${name}.sock`);
    await server.listen(socket);
    servers.push(server);
    return socket;
  };
  for (const provider of simulatedProviders) {
    const server = new ProviderServer(folder, ledger, provider, behavioursOf, offered);
    heldServers.set(provider.name, server);
    const held = providerVersions[provider.name] as ProviderVersion;
    served.push({ ...held, socket: await listen(server, provider.name), isHeld: true });
  }
  for (const [index, given] of readGivenProviders(folder).entries()) {
    const { source, host, version, protocol } = given;
    const name = nameOfSource(source);
    const simulated = simulatedProviders.find((each) => providerVersions[each.name]?.source === source);
    const provider = simulated ?? schemaOnly(name);
    // Of another version, the same clouds: what they do to a type doesn't hang on who asks.
    const behaviours = simulated ? behavioursOf : () => [];
    const server = new ProviderServer(folder, ledger, provider, behaviours, offered, given);
    served.push({
      source,
      host,
      version,
      protocol,
      socket: await listen(server, `given-${index}`),
      isHeld: false,
    });
  }
}

/** A type of a provider that nobody holds is known by its schema at most. */
function fidelityOf(type: string): Fidelity {
  return heldServers.get(providerOfType(type))?.fidelityOf(type) ?? "schema only";
}

function offer({ types, folders }: OfferRequest): void {
  setChartFolders(folders ?? []);
  for (const server of servers) server.offer(types && new Set(types));
}

async function listen(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const request: ServerOptions | OfferRequest | FidelityRequest = JSON.parse(line);
      if ("fidelityOf" in request) {
        const fidelity = request.fidelityOf.map((type) => [type, fidelityOf(type)] as const);
        answer({ fidelity: Object.fromEntries(fidelity) });
        continue;
      }
      if ("socketFolder" in request) await serve(request);
      else offer(request);
      answer({ served });
    } catch (error) {
      answer({ error: (error as Error).message });
    }
  }
}

// Ctrl-C goes to the whole group of processes: Terraform still needs its providers to wind down. The parent
// ends this process by closing its standard input, and so does the parent's death.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => {
  if (ownSockets) rmSync(ownSockets, { recursive: true, force: true });
});

void listen().then(() => process.exit(0));
