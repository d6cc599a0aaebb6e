import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AgentWorkload } from "../agent/agent-workload";
import { CONSOLE, STRANGER } from "../local/local-clients";
import { localSecret } from "../local/local-secrets";
import { localToken, turnLocalKey } from "../local/local-token";
import { FleetError } from "../problem";
import { askForNothing } from "../verify/asked-agent";
import { type Asked, isHere } from "./verify-targets";

const PROJECT = join(__dirname, "..", "..");

/** What of a command's options says where tokens come from. */
export interface TokenOptions {
  readonly tokenFile?: string;
  /** Whether the Azure CLI is asked. */
  readonly az?: true;
}

const secretOf = (name: string) => localSecret(PROJECT, name);

/** What lets a caller in, and what must not. */
export interface Tokens {
  readonly token: string | undefined;
  readonly tokenWithoutRole: string | undefined;
  readonly tokenOfNewKey?: string;
}

/**
 * Tokens for an agent, as far as somebody gave them or they can be had here.
 *
 * @throws FleetError when there should be one, and is none
 */
export async function tokensFor(options: TokenOptions, { environment, workload }: Asked): Promise<Tokens> {
  const token = options.tokenFile === undefined ? given("A2A_TOKEN") : readToken(options.tokenFile);
  const tokenWithoutRole = given("A2A_TOKEN_WITHOUT_ROLE");
  if (workload !== undefined && environment !== undefined && token === undefined) {
    if (options.az) return { token: await azureToken(workload), tokenWithoutRole };
    if (isHere(environment)) {
      return {
        token: await localToken(workload, CONSOLE, secretOf),
        tokenWithoutRole: await localToken(workload, STRANGER, secretOf),
      };
    }
  }
  if (options.az && workload === undefined) {
    throw noToken(
      "--az asks for a token by an agent's scope, which its environment knows; add --environment <name>",
    );
  }
  return { token, tokenWithoutRole };
}

/** The issuer of this machine takes a new key, and signs another token for each agent; nobody else's can be asked to. */
export async function addNewKey(tokens: Map<Asked, Tokens>): Promise<void> {
  const here = [...tokens].filter(([{ environment }]) => environment !== undefined && isHere(environment));
  const [first] = here.flatMap(([{ workload }]) => workload ?? []);
  // Who has never checked a token has not fetched the keys either, and would know the new one by chance.
  for (const [{ url }, { token }] of here)
    await (await askForNothing({ url, settings: {} }, token)).body?.cancel();
  if (first === undefined || !(await turnLocalKey(first, secretOf))) return;
  for (const [asked, known] of here) {
    if (asked.workload === undefined) continue;
    tokens.set(asked, { ...known, tokenOfNewKey: await localToken(asked.workload, CONSOLE, secretOf) });
  }
}

async function azureToken({ name, route }: AgentWorkload): Promise<string> {
  const args = [
    "account",
    "get-access-token",
    "--scope",
    route.scope,
    "--query",
    "accessToken",
    "--output",
    "tsv",
  ];
  const { stdout } = await promisify(execFile)("az", args).catch((error: NodeJS.ErrnoException) => {
    const { stderr = "" } = error as { stderr?: string };
    throw noToken(
      error.code === "ENOENT"
        ? "az is not on the path; install the Azure CLI, or put a token into A2A_TOKEN"
        : `az gives no token for agent '${name}' (${stderr.trim().split("\n")[0]}); log in with az login, as somebody who may call it`,
    );
  });
  return stdout.trim();
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw noToken(`the file '${file}' of --token-file cannot be read; correct the path`);
  }
}

function noToken(message: string): FleetError {
  return new FleetError("there is no token", [{ rule: "verify-has-tokens", message }]);
}

/** A variable's value; an empty one is none. */
function given(variable: string): string | undefined {
  return process.env[variable]?.trim() || undefined;
}
