import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Command } from "commander";
import { CONTRACT_SCHEMA_FILE, contractSchema } from "../agent/contract-schema";
import { CONTRACT_PAGE_FILE, contractPage } from "../fleet/contract-page";

const command = new Command("contract")
  .description("Writes the contract with images: its page for authors, and its JSON Schema.")
  .option("--check", "writes nothing, and fails where a file is not what would be written")
  .addHelpText("after", "\nExample:\n  npm run contract -- --check")
  .parse();

const { check = false } = command.opts<{ check?: boolean }>();
const folder = join(__dirname, "../agent");
const images = join(__dirname, "../../agents/images");
const schema = `${JSON.stringify(contractSchema(), undefined, 2)}\n`;
const files = {
  [join(folder, CONTRACT_PAGE_FILE)]: contractPage(),
  [join(folder, CONTRACT_SCHEMA_FILE)]: schema,
  // An image has nothing but its own folder to read.
  [join(images, "python/a2a_fleet/contract.schema.json")]: schema,
  [join(images, "typescript/fleet/contract.schema.json")]: schema,
};

for (const [file, content] of Object.entries(files)) {
  // A company may have no use for an image that the repository ships.
  if (!existsSync(dirname(file))) continue;
  const shown = relative(process.cwd(), file);
  if (!check) {
    writeFileSync(file, content);
    process.stdout.write(`wrote ${shown}\n`);
  } else if (readFileSync(file, "utf8") === content) {
    process.stdout.write(`${shown} is current\n`);
  } else {
    process.stderr.write(`${shown} is not what agent-contract.ts says; run npm run contract\n`);
    process.exitCode = 1;
  }
}
