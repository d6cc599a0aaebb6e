// `npm run rooms`: draws the README's picture of the rooms anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawRooms, readProjectImports, roomImports } from "../support/room-imports";

const README = join(__dirname, "../../README.md");

async function main(): Promise<void> {
  const picture = drawRooms(roomImports(await readProjectImports()));
  writeFileSync(README, readFileSync(README, "utf8").replace(/^```mermaid\n[^`]*cli -->[^`]*```/m, picture));
}

void main();
