import { blocks, readTerraformFolder } from "./terraform-folder";

/**
 * The constructs that a folder's resources and data sources were made by, by address: cdktf writes their paths beside
 * them. Empty for what people write by hand.
 */
export async function findConstructs(folder: string): Promise<Map<string, string>> {
  const files = await readTerraformFolder(folder);
  const paths = new Map<string, string>();
  for (const [kind, prefix] of [
    ["resource", ""],
    ["data", "data."],
    ["ephemeral", "ephemeral."],
  ] as const) {
    for (const { labels, body } of blocks(files, kind, 2)) {
      const path = (body["//"] as { metadata?: { path?: unknown } } | undefined)?.metadata?.path;
      if (typeof path === "string") paths.set(`${prefix}${labels.join(".")}`, path);
    }
  }
  return paths;
}
