import { afterAll, beforeAll, expect, test } from "vitest";
import { caddyEdge } from "../../src/edge/caddy-edge";
import type { EdgeSettings } from "../../src/edge/edge-site";
import { haproxyEdge } from "../../src/edge/haproxy-edge";
import { nginxEdge } from "../../src/edge/nginx-edge";
import { freePort } from "../../src/local/free-port";
import { withPrograms } from "../support/real-programs";
import {
  billingAt,
  buffered,
  type Certificates,
  cameOneByOne,
  EVENTS,
  localhostCertificates,
  PROGRAMS,
  type Replica,
  type RunningEdge,
  request,
  requests,
  startEdge,
  startReplica,
} from "./support";

const write = { nginx: nginxEdge, haproxy: haproxyEdge, caddy: caddyEdge };

for (const program of PROGRAMS) {
  withPrograms(`${program.name} itself`, [program.name, "openssl"], () => {
    const text = (servers: readonly string[], settings: EdgeSettings, port: number) =>
      write[program.name]([billingAt(port)], { servers: { billing: servers }, ...settings });

    let certificates: Certificates;
    let replicas: Replica[];
    let edge: RunningEdge;
    beforeAll(async () => {
      certificates = localhostCertificates();
      replicas = [await startReplica(), await startReplica()];
      // Nobody listens on the third.
      const servers = [...replicas.map(({ address }) => address), `127.0.0.1:${await freePort()}`];
      edge = await startEdge(program, certificates, ({ https, http }) =>
        text(servers, { certificates: certificates.folder, httpPort: http }, https),
      );
    });
    afterAll(async () => {
      await edge?.stop();
      for (const replica of replicas ?? []) replica.stop();
    });

    test("lets events pass one by one, over HTTP/2", async () => {
      const answer = await request(`${edge.url}/message:stream`, certificates);
      expect(answer.body.match(/data: /g)).toHaveLength(EVENTS);
      expect(cameOneByOne(answer)).toBe(true);
    });

    test("with its buffer on it does not, and that is seen", async () => {
      const seen: boolean[] = [];
      for (const holds of [false, true]) {
        const other = await startEdge(program, certificates, ({ https, http }) => {
          const settings = { certificates: certificates.folder, httpPort: http };
          return buffered(program, text([replicas[0]?.address ?? ""], settings, https), holds);
        });
        const answer = await request(`${other.url}/message:stream`, certificates);
        await other.stop();
        expect(answer.body.match(/data: /g)).toHaveLength(EVENTS);
        seen.push(cameOneByOne(answer));
      }
      expect(seen).toEqual([true, false]);
    });

    test("takes the agent's path off, and says itself who asked for what", async () => {
      for (const replica of replicas) replica.asked.length = 0;
      const claims = {
        forwarded: "for=1.2.3.4",
        "x-forwarded-for": "1.2.3.4",
        "x-forwarded-host": "evil.example",
        "x-real-ip": "1.2.3.4",
        "x-ms-client-principal": "admin",
        "dapr-caller-app-id": "orchestrator",
        authorization: "Bearer kept",
      };
      await request(edge.url, certificates, claims);
      await request(`${edge.url}/tasks/7`, certificates, claims);
      const asked = replicas.flatMap((replica) => replica.asked);
      expect(asked.map(({ path }) => path).toSorted()).toEqual(["/", "/tasks/7"]);
      for (const { headers } of asked) {
        expect(headers["x-forwarded-host"]).toBe(new URL(edge.url).host);
        expect(headers["x-forwarded-proto"]).toBe("https");
        expect(headers["x-forwarded-for"]).toMatch(/127\.0\.0\.1|::1/);
        expect(headers.authorization).toBe("Bearer kept");
        expect(JSON.stringify(headers)).not.toMatch(/1\.2\.3\.4|evil|admin|orchestrator/);
      }
    });

    test("asks no replica that is gone, and each of the others", async () => {
      for (const replica of replicas) replica.asked.length = 0;
      for (let sent = 0; sent < 12; sent += 1) {
        expect((await request(`${edge.url}/tasks`, certificates)).status).toBe(200);
      }
      expect(replicas.map(({ asked }) => asked.length > 0)).toEqual([true, true]);
    });

    test("knows its agents' paths and no others", async () => {
      expect((await request(`${edge.url}s/`, certificates)).status).toBe(404);
      expect((await request(new URL("/", edge.url).href, certificates)).status).toBe(404);
    });

    test("sends callers to HTTPS without changing what they ask, and tells browsers to stay there", async () => {
      const answer = await fetch(`${edge.httpUrl}/agents/billing/tasks?limit=1`, {
        method: "POST",
        redirect: "manual",
      });
      expect(answer.status).toBe(308);
      expect(answer.headers.get("location")).toBe(`${edge.url}/tasks?limit=1`);
      const { headers } = await request(edge.url, certificates);
      expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    });

    const { checksReplicas, limitsAddresses } = program;
    const known = checksReplicas
      ? "asks replicas for their card to know that they are well"
      : "asks no replica";
    test(`${known} without a request`, async () => {
      const checks = () => Math.min(...replicas.map((replica) => replica.checks()));
      if (checksReplicas) await expect.poll(checks, { timeout: 15_000 }).toBeGreaterThan(0);
      else expect(checks()).toBe(0);
    });

    // Last, because it uses up what this address may ask.
    test(`limits ${limitsAddresses ? "an address, and says when to come back" : "no address"}`, async () => {
      // What the tests before have asked is forgotten by then.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const answers = await requests(150, `${edge.url}/tasks`, certificates);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length > 0).toBe(limitsAddresses);
      expect(answers.length - refused.length).toBeGreaterThanOrEqual(20);
      for (const { headers, body } of refused) {
        expect(headers["retry-after"]).toBe("1");
        expect(JSON.parse(body)).toMatchObject({ error: { message: "too many requests" } });
      }
    });
  });
}
