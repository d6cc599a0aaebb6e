import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blocks, readTerraformFolder, type TerraformFile } from "./terraform-folder";

/** The kinds of blocks that cdktf writes a construct's path beside, and what their addresses begin with. */
const KINDS = { resource: "", data: "data.", ephemeral: "ephemeral." } as const;

/**
 * Takes the paths of constructs out of what cdktf has written, and tells them. cdktf looks for each of them in each line
 * that Terraform prints, which for 300 resources takes longer than what Terraform itself does; we look addresses up.
 *
 * @returns the constructs that resources and data sources were made by, by address. Empty for what people write by hand.
 */
export async function takeConstructs(folder: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const file of await readTerraformFolder(folder)) {
    const found = findConstructs(file);
    if (found.length === 0) continue;
    for (const { address, path, body } of found) {
      paths.set(address, path);
      delete body["//"];
    }
    await writeFile(join(folder, file.name), `${JSON.stringify(file.content, null, 2)}\n`);
  }
  return paths;
}

function findConstructs(
  file: TerraformFile,
): { address: string; path: string; body: Record<string, unknown> }[] {
  if (!file.name.endsWith(".json")) return [];
  return Object.entries(KINDS).flatMap(([kind, prefix]) =>
    blocks([file], kind, 2).flatMap(({ labels, body }) => {
      const path = (body["//"] as { metadata?: { path?: unknown } } | undefined)?.metadata?.path;
      return typeof path === "string" ? [{ address: `${prefix}${labels.join(".")}`, path, body }] : [];
    }),
  );
}
