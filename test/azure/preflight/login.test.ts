import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentialOf } from "../../../src/azure/preflight/login";
import { oidcToken } from "../../../src/azure/preflight/oidc-token";

/** Each remembers what it was made from. */
class Made {
  readonly args: readonly unknown[];
  constructor(...args: readonly unknown[]) {
    this.args = args;
  }
}
class Assertion extends Made {}
class Secret extends Made {}
class Default extends Made {}
const credentials = {
  ClientAssertionCredential: Assertion,
  ClientSecretCredential: Secret,
  DefaultAzureCredential: Default,
} as unknown as Parameters<typeof credentialOf>[0];
const madeFrom = (variables: Record<string, string>) =>
  credentialOf(credentials, "tenant", variables) as unknown as Made;

describe("who asks Azure", () => {
  test("is the workflow that Terraform will be, where the variables say so", async () => {
    const made = madeFrom({ ARM_USE_OIDC: "true", ARM_CLIENT_ID: "client", ARM_OIDC_TOKEN: "ey" });
    expect(made).toBeInstanceOf(Assertion);
    expect(made.args.slice(0, 2)).toEqual(["tenant", "client"]);
    expect(await (made.args[2] as () => Promise<string>)()).toBe("ey");
  });

  test("is the client whose secret is given", () => {
    const made = madeFrom({ ARM_CLIENT_ID: "client", ARM_CLIENT_SECRET: "s" });
    expect(made).toBeInstanceOf(Secret);
    expect(made.args).toEqual(["tenant", "client", "s"]);
  });

  test.each([
    {},
    { ARM_CLIENT_ID: "client" },
    { ARM_USE_OIDC: "false", ARM_CLIENT_ID: "client" },
    { ARM_USE_OIDC: "true" },
  ])("is whoever is logged in otherwise: %o", (variables) => {
    expect(madeFrom(variables as Record<string, string>)).toBeInstanceOf(Default);
  });
});

describe("a workflow's token", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.headers.authorization !== "Bearer ask") response.writeHead(401).end();
      else response.end(JSON.stringify({ value: `token of ${request.url}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/issue?run=1`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("comes from its issuer, for Entra ID", async () => {
    const variables = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "ask" };
    expect(await oidcToken(variables)).toBe(
      "token of /issue?run=1&audience=api%3A%2F%2FAzureADTokenExchange",
    );
  });

  test("is missed with what the job lacks, and without the bearer that asks", async () => {
    await expect(oidcToken({})).rejects.toThrow("permissions: id-token: write");
    const wrong = oidcToken({ ARM_OIDC_REQUEST_URL: url, ARM_OIDC_REQUEST_TOKEN: "bad-bearer" });
    await expect(wrong).rejects.toThrow("answered 401");
    await expect(wrong).rejects.not.toThrow("bad-bearer");
  });
});
