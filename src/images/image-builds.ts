import { type FleetImage, taggedReference } from "./fleet-image";
import type { ImageBuild } from "./image-engine";

/**
 * What is to be built, each source once for each registry.
 *
 * @param bases another base of a source, by its name
 */
export function buildsOf(
  images: readonly FleetImage[],
  revision: string,
  bases: ReadonlyMap<string, string> = new Map(),
): ImageBuild[] {
  const builds = new Map<string, ImageBuild & { references: string[] }>();
  for (const image of images) {
    const { source } = image;
    if (source === undefined) continue;
    const server = serverOf(image);
    const base = bases.get(source.name);
    const key = `${server} ${source.name}`;
    const build = builds.get(key) ?? {
      source,
      server,
      references: [],
      args: { REVISION: revision, ...(base === undefined ? {} : { BASE: base }) },
    };
    const reference = taggedReference(image);
    if (!build.references.includes(reference)) build.references.push(reference);
    builds.set(key, build);
  }
  return [...builds.values()];
}

/** What stands in front of an image's own path. Azure's registries are a host name; others have a path of their own. */
function serverOf({ repository }: FleetImage): string {
  const [host = "", project = "", folder = ""] = repository.split("/");
  return host.endsWith("-docker.pkg.dev") ? `${host}/${project}/${folder}` : host;
}
