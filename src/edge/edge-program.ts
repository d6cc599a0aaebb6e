import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { caddyEdge } from "./caddy-edge";
import type { EdgeProgramName } from "./edge-site";
import { haproxyEdge } from "./haproxy-edge";
import { nginxEdge } from "./nginx-edge";

/** One of the programs that an edge can be, as Debian has it. */
export interface EdgeProgram {
  readonly write: typeof nginxEdge;
  /** Puts a configuration into a folder that is its own. @returns arguments: for its own test, and to run in the foreground */
  readonly prepare: (
    text: string,
    folder: string,
  ) => { readonly test: readonly string[]; readonly run: readonly string[] };
  /** How it is asked to end, without waiting for streams. */
  readonly endsOn: NodeJS.Signals;
  /** Its official image, and the file in which that reads its configuration. */
  readonly container: { readonly image: string; readonly configuration: string };
}

/** Every edge, by the name of its program. */
export const edgePrograms: Readonly<Record<EdgeProgramName, EdgeProgram>> = {
  nginx: {
    write: nginxEdge,
    prepare: (text, folder) => {
      const main = join(folder, "nginx.conf");
      writeFileSync(join(folder, "fleet.conf"), text);
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (kind) => `${kind}_temp_path ${folder};`,
      );
      writeFileSync(
        main,
        `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 2;
events {} http { access_log off; ${temporary.join(" ")} include ${folder}/fleet.conf; }`,
      );
      return { test: ["-t", "-q", "-c", main], run: ["-c", main] };
    },
    endsOn: "SIGTERM",
    container: { image: "docker.io/library/nginx:1.29.3", configuration: "/etc/nginx/conf.d/default.conf" },
  },
  haproxy: {
    write: haproxyEdge,
    prepare: (text, folder) => {
      const file = join(folder, "haproxy.cfg");
      writeFileSync(file, text);
      return { test: ["-c", "-q", "-f", file], run: ["-db", "-f", file] };
    },
    endsOn: "SIGINT",
    container: {
      image: "docker.io/library/haproxy:3.2.7",
      configuration: "/usr/local/etc/haproxy/haproxy.cfg",
    },
  },
  caddy: {
    write: caddyEdge,
    prepare: (text, folder) => {
      const file = join(folder, "Caddyfile");
      writeFileSync(file, text);
      const args = ["--config", file, "--adapter", "caddyfile"];
      return { test: ["validate", ...args], run: ["run", ...args] };
    },
    endsOn: "SIGINT",
    container: { image: "docker.io/library/caddy:2.10.2", configuration: "/etc/caddy/Caddyfile" },
  },
};

/** Variables that a program of these runs with, and nothing else of this machine's. */
export function edgeVariables(path: string, folder: string): Record<string, string> {
  return { PATH: path, HOME: folder, CADDY_ADMIN: `unix/${folder}/admin.sock` };
}
