import { build } from "esbuild";

/**
 * What files of the project load of it, and what these do: at once, or later (`await import`). A type costs nothing and
 * isn't counted.
 *
 * @param files paths from the root, from which it begins
 * @returns by file, those that it loads itself
 */
export async function readImports(
  root: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    outdir: "nowhere",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.filter(({ external }) => external !== true).map(({ path }) => path),
    ]),
  );
}
