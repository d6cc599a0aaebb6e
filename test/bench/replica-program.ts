/** A replica whose streams have an event at a fixed pace: milliseconds between two, and how many. Says its port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [gap = 0, events = 0] = process.argv.slice(2).map(Number);
const server = createServer((request, response) => {
  if (request.url === "/.well-known/agent-card.json") return void response.end("{}");
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.write(`data: 0\n\n`);
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(`data: ${sent}\n\n`);
    if (sent === events) response.end();
    if (sent === events) clearInterval(timer);
  }, gap);
  response.once("close", () => clearInterval(timer));
});
// As long as the contract asks of agents: an edge that finds a connection closed at the moment that it sends loses a call.
server.keepAliveTimeout = 3_620_000;
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
