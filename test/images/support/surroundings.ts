/** What an agent finds around it on a platform, on this machine: each says what it was asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "./certificate";

interface Stub {
  readonly url: string;
  readonly stop: () => void;
}

/** A sidecar of a mesh: hands on what is for `/<name>.<namespace>/method/…`. */
export interface TestMesh extends Stub {
  readonly calls: { readonly peer: string; readonly method: string; readonly accept: string }[];
}

export async function startMesh(urlOf: (name: string) => string): Promise<TestMesh> {
  const calls: { peer: string; method: string; accept: string }[] = [];
  const server = await listen(
    createServer((incoming, response) => {
      const [, peer = "", rest = ""] = /^\/([^/]+)\/method\/(.*)$/.exec(incoming.url ?? "") ?? [];
      const { method = "", headers } = incoming;
      calls.push({ peer, method, accept: String(headers.accept) });
      const target = new URL(rest, urlOf(peer.split(".")[0] ?? ""));
      const passed = request(target, { method, headers: { ...headers, host: target.host } }, (answer) => {
        const { connection: _, "keep-alive": __, ...passedOn } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, passedOn);
        answer.pipe(response);
      });
      passed.once("error", () => response.writeHead(502).end());
      incoming.pipe(passed);
    }),
  );
  return { ...server, calls };
}

/** The Kubernetes API, with nothing but Services, for whoever shows the service account's token. */
export interface TestKubernetes extends Stub {
  /** Variables of a pod: where the API is, and where its service account lies. */
  readonly variables: Record<string, string>;
  readonly asked: { readonly path: string; readonly authorization: string }[];
  /** The kubelet puts a new token in the old one's place. */
  readonly turnToken: (token: string) => void;
}

export async function startKubernetes(services: readonly string[]): Promise<TestKubernetes> {
  const folder = mkdtempSync(join(tmpdir(), "service-account-"));
  const { certificate, key } = makeCertificate(folder);
  const turnToken = (token: string) => writeFileSync(join(folder, "token"), token);
  turnToken("the-first-token");
  const asked: { path: string; authorization: string }[] = [];
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    const { url = "", headers } = incoming;
    asked.push({ path: url, authorization: String(headers.authorization) });
    const items = services.map((name) => ({ metadata: { name } }));
    response
      .setHeader("Content-Type", "application/json")
      .end(JSON.stringify({ kind: "ServiceList", items }));
  };
  const server = await listen(
    createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer) as Server,
  );
  return {
    url: server.url,
    asked,
    turnToken,
    variables: {
      KUBERNETES_SERVICE_HOST: "localhost",
      KUBERNETES_SERVICE_PORT: new URL(server.url).port,
      SERVICE_ACCOUNT_DIRECTORY: folder,
    },
    stop: () => {
      server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Google's metadata server: an identity token for whatever audience. */
export interface TestMetadata extends Stub {
  readonly variables: Record<string, string>;
  readonly audiences: string[];
}

export async function startMetadata(
  identityToken: (audience: string) => Promise<string>,
): Promise<TestMetadata> {
  const audiences: string[] = [];
  const server = await listen(
    createServer(async (incoming, response) => {
      const { pathname, searchParams } = new URL(incoming.url ?? "", "http://metadata");
      response.setHeader("Metadata-Flavor", "Google");
      if (!pathname.endsWith("/service-accounts/default/identity")) {
        const account = { aliases: ["default"], email: "agent@project.iam.gserviceaccount.com", scopes: [] };
        return response.setHeader("Content-Type", "application/json").end(JSON.stringify(account));
      }
      if (incoming.headers["metadata-flavor"] !== "Google") return response.writeHead(403).end();
      const audience = searchParams.get("audience") ?? "";
      audiences.push(audience);
      return response.setHeader("Content-Type", "text/html").end(await identityToken(audience));
    }),
  );
  const { host } = new URL(server.url);
  return { ...server, audiences, variables: { GCE_METADATA_HOST: host, GCE_METADATA_IP: host } };
}

/** A gateway to models, in the API that LiteLLM speaks: a word at a time. */
export interface TestModel extends Stub {
  readonly asked: { readonly authorization: string; readonly model: string; readonly question: string }[];
  readonly fail: (fails: boolean) => void;
}

export async function startModel(words: readonly string[]): Promise<TestModel> {
  const asked: { authorization: string; model: string; question: string }[] = [];
  let failing = false;
  const server = await listen(
    createServer(async (incoming, response) => {
      let body = "";
      for await (const chunk of incoming) body += chunk;
      const { model, messages, stream } = JSON.parse(body);
      const authorization = String(incoming.headers.authorization);
      asked.push({ authorization, model, question: messages.at(-1).content });
      if (failing || incoming.url !== "/v1/chat/completions" || stream !== true) {
        return response
          .writeHead(400, { "Content-Type": "application/json" })
          .end(JSON.stringify({ error: { message: "no such model", type: "invalid_request_error" } }));
      }
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      for (const content of words) {
        const choices = [{ index: 0, delta: { content }, finish_reason: null }];
        const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model, choices };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      }
      return response.end("data: [DONE]\n\n");
    }),
  );
  return {
    ...server,
    asked,
    fail: (fails) => {
      failing = fails;
    },
  };
}

async function listen(server: Server): Promise<Stub> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
