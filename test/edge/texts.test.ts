import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { caddyEdge } from "../../src/edge/caddy-edge";
import { edgePrograms, edgeVariables } from "../../src/edge/edge-program";
import { haproxyEdge } from "../../src/edge/haproxy-edge";
import { nginxEdge } from "../../src/edge/nginx-edge";
import { workloadOf } from "../support/sample-fleet";
import { billingAt } from "./support";

// Each program's configuration, whole; `edges.test.ts` says what the programs make of it.

const workload = workloadOf("billing");
const at = (name: string, publicUrl: string, taskDeadlineSeconds: number) => ({
  ...workload,
  name,
  port: 8123,
  reach: "internet" as const,
  taskDeadlineSeconds,
  route: { ...workload.route, publicUrl },
});
const agents = [
  at("billing", "https://agents.acme.example/agents/billing", 300),
  at("desk", "https://agents.acme.example/agents/desk/", 400),
  at("alone", "https://alone.acme.example:8443", 60),
];

test.each(["nginx", "haproxy", "caddy"] as const)("%s", async (name) => {
  const { write } = edgePrograms[name];
  const given = {
    servers: { billing: ["10.0.0.4:8000", "10.0.0.5:8000"] },
    certificates: "/certs",
    beside: { "/identity": "keycloak:8080", "/docs": "docs:80" },
    httpPort: 8080,
  };
  const text = `${write(agents, given)}\n# And with nothing said:\n\n${write(agents.slice(0, 1))}`;
  await expect(text).toMatchFileSnapshot(join(__dirname, `__snapshots__/${name}.conf`));
});

const folder = mkdtempSync(join(tmpdir(), "edge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["nginx", "fleet.conf", ["-t", "-q", "-c", "@/nginx.conf"], ["-c", "@/nginx.conf"], "SIGTERM"],
  ["haproxy", "haproxy.cfg", ["-c", "-q", "-f", "@/haproxy.cfg"], ["-db", "-f", "@/haproxy.cfg"], "SIGINT"],
  [
    "caddy",
    "Caddyfile",
    ["validate", "--config", "@/Caddyfile", "--adapter", "caddyfile"],
    ["run", "--config", "@/Caddyfile", "--adapter", "caddyfile"],
    "SIGINT",
  ],
] as const)(
  "%s reads its text in %s, and is tested, run and ended as its manual says",
  (name, file, ...said) => {
    const { prepare, endsOn } = edgePrograms[name];
    const { test: tested, run } = prepare("the text", folder);
    const here = (words: readonly string[]) => words.map((word) => word.replace(folder, "@"));
    expect([here(tested), here(run), endsOn]).toEqual(said);
    expect(readFileSync(join(folder, file), "utf8")).toBe("the text");
  },
);

test.each([
  ["nginx", "/etc/nginx/conf.d/default.conf"],
  ["haproxy", "/usr/local/etc/haproxy/haproxy.cfg"],
  ["caddy", "/etc/caddy/Caddyfile"],
] as const)("%s's own image, of one version, reads %s", (name, configuration) => {
  const image = expect.stringMatching(`^docker\\.io/library/${name}:\\d+\\.\\d+\\.\\d+$`);
  expect(edgePrograms[name].container).toEqual({ image, configuration });
});

test("nginx keeps to its folder, and a program to the variables that it is given", () => {
  edgePrograms.nginx.prepare("", folder);
  const main = readFileSync(join(folder, "nginx.conf"), "utf8");
  expect(main.replaceAll(folder, "@")).toBe(
    "daemon off; pid @/nginx.pid; error_log stderr; worker_processes 2;\nevents {} http { access_log off; " +
      "client_body_temp_path @; proxy_temp_path @; fastcgi_temp_path @; uwsgi_temp_path @; scgi_temp_path @; " +
      "include @/fleet.conf; }",
  );
  expect(edgeVariables("/usr/bin", "/own")).toEqual({
    PATH: "/usr/bin",
    HOME: "/own",
    CADDY_ADMIN: "unix//own/admin.sock",
  });
});

const write = { nginx: nginxEdge, haproxy: haproxyEdge, caddy: caddyEdge };

describe("a text", () => {
  const agent = billingAt(443);

  test.each(Object.entries(write))("%s: its timeouts follow the deadline", (_name, render) => {
    expect(render([{ ...agent, taskDeadlineSeconds: 300 }])).toContain("310s");
    expect(render([{ ...agent, taskDeadlineSeconds: 301 }])).not.toContain("310s");
  });

  test("caddy gets its certificates by itself, unless it is given some", () => {
    expect(caddyEdge([agent])).not.toContain("tls ");
    expect(caddyEdge([agent], { certificates: "/certs" })).toContain(
      "tls /certs/localhost.crt /certs/localhost.key",
    );
  });

  test("nginx spreads by connections and puts failed replicas aside; HAProxy goes round", () => {
    expect(nginxEdge([agent])).toMatch(/least_conn;\n {2}server billing:8000 max_fails=3 fail_timeout=30s;/);
    expect(nginxEdge([agent])).toContain("rate=10r/s;");
    expect(nginxEdge([agent])).toContain("burst=20 nodelay;");
    expect(haproxyEdge([agent])).toContain("balance roundrobin");
  });

  test("HAProxy has the certificates of all hosts of a port", () => {
    const text = haproxyEdge(["one", "two"].map((name) => at(name, `https://${name}.acme.example`, 60)));
    expect(text).toContain(
      "  bind :::443 v4v6 ssl crt /etc/ssl/fleet/one.acme.example.pem crt /etc/ssl/fleet/two.acme.example.pem alpn h2,http/1.1\n",
    );
  });

  test("an agent that nobody outside reaches is not served", () => {
    const inner = { ...agent, name: "inner", reach: "environment" as const };
    expect(nginxEdge([agent, inner])).not.toContain("inner");
    expect(nginxEdge([agent, { ...inner, reach: "vnet" as const }])).toContain("inner");
  });
});

describe("an edge is refused", () => {
  const agent = billingAt(443);
  const said = (render: () => string) => {
    try {
      return render();
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("where the card's address isn't chosen", () => {
    const route = { ...agent.route, publicUrl: "https://billing.<known after deploy>" };
    expect(said(() => nginxEdge([{ ...agent, route }]))).toBe(
      "the edge cannot be written: 1 problem\n  - agent 'billing': its card says https://billing.<known after deploy>, which its platform gives; an edge serves https addresses that the environment chooses: set gateway.host there [edge-addresses-are-chosen]",
    );
  });

  test("where it would not be asked by HTTPS", () => {
    const route = { ...agent.route, publicUrl: "http://agents.acme.example/billing" };
    expect(said(() => nginxEdge([{ ...agent, route }]))).toMatch(
      /says http:.*\[edge-addresses-are-chosen\]$/,
    );
  });

  test("where there is nothing to serve", () => {
    expect(said(() => caddyEdge([{ ...agent, reach: "environment" }]))).toBe(
      "the edge cannot be written: 1 problem\n  - no agent can be reached from outside, so there is nothing to serve; give the environment a gateway, or an agent reach 'internet' [edge-has-agents]",
    );
  });

  test("for every wrong setting at once", () => {
    const servers = { biling: ["10.0.0.4"], billing: ["http://10.0.0.5:80", "10.0.0.6:80;", "10.0.0.7:80"] };
    const settings = { servers, certificates: "/certs; include x" };
    expect(said(() => haproxyEdge([agent], settings))).toBe(`the edge cannot be written: 5 problems
  - 'biling' has servers, but no agent of that name can be reached from outside (billing); correct the name [edge-servers-have-agents]
  - the server '10.0.0.4' is no address; write host:port, such as 10.0.0.4:8000 [edge-servers-are-addresses]
  - the server 'http://10.0.0.5:80' is no address; write host:port, such as 10.0.0.4:8000 [edge-servers-are-addresses]
  - the server '10.0.0.6:80;' is no address; write host:port, such as 10.0.0.4:8000 [edge-servers-are-addresses]
  - the folder '/certs; include x' has characters that a configuration would read otherwise; use letters, digits, '/', '.', '_' and '-' [edge-certificates-are-a-folder]`);
  });
});
