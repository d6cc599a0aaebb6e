import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { edgePrograms, edgeVariables } from "../../src/edge/edge-program";
import { workloadOf } from "../support/sample-fleet";

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
