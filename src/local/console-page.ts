import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { extname, join } from "node:path";

/** Path of the page for people, on the front and on the edge. */
export const CONSOLE_PATH = "/console";

const FILES: readonly string[] = ["index.html", "console.css", "console.mjs"];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
};

/** Only what is its own: agents' words are never markup, and nobody frames it. */
const HEADERS = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy":
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Answers for a file of the page. @param path below the page's own: empty, `/` or a file's name */
export function consolePage(path: string, response: ServerResponse): void {
  if (path === "") return void response.writeHead(308, { Location: `${CONSOLE_PATH}/` }).end();
  const name = path === "/" ? "index.html" : path.slice(1);
  if (!FILES.includes(name)) return void response.writeHead(404, HEADERS).end();
  response
    .writeHead(200, { ...HEADERS, "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" })
    .end(readFileSync(join(__dirname, "console", name)));
}
