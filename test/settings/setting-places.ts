import { join } from "node:path";
import { Node, Project, type Type } from "ts-morph";

const ROOT = join(__dirname, "../..");

/** Where the settings begin: what an author writes, and what an environment says. */
const ROOTS = {
  definition: ["src/agent/agent-definition.ts", "AgentDefinition"],
  environment: ["src/environment/environment.ts", "Environment"],
} as const;

/**
 * Every property that a fleet's files can set, as the types have it: `environment.vault(key-vault).access`. `[]` stands
 * for an item of a list, `<name>` for any key of a record, and `(…)` for one of several shapes.
 */
export function settingPlaces(): string[] {
  return allPlaces().map(({ path }) => path);
}

/** The words that may stand at each place which takes some words alone: `environment.stage`, `staging`. */
export function settingWords(): [setting: string, words: readonly string[]][] {
  return allPlaces().flatMap(({ path, type }) => {
    const kinds = type.isUnion() ? type.getUnionTypes() : [type];
    const words = kinds
      .filter((kind) => kind.isStringLiteral())
      .map((kind) => String(kind.getLiteralValue()));
    return words.length > 1 ? [[path, words] as [string, string[]]] : [];
  });
}

interface Place {
  readonly path: string;
  readonly type: Type;
}

function allPlaces(): Place[] {
  const project = new Project({
    tsConfigFilePath: join(ROOT, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
  });
  return Object.entries(ROOTS).flatMap(([root, [file, name]]) =>
    placesIn(project.addSourceFileAtPath(join(ROOT, file)).getInterfaceOrThrow(name).getType(), root),
  );
}

function placesIn(type: Type, path: string): Place[] {
  const shapes = shapesOf(type);
  if (shapes.length > 1) return shapes.flatMap((shape) => placesIn(shape, `${path}(${nameOf(shape)})`));
  const [shape] = shapes;
  if (shape === undefined) return [];
  // An environment's own fleet is made of definitions, which are walked from their own root.
  if (shape.getSymbol()?.getName() === "AgentDefinition" && path !== "definition") return [];
  if (shape.isArray()) return placesIn(shape.getArrayElementTypeOrThrow(), `${path}[]`);
  const values = shape.getStringIndexType();
  if (values !== undefined) return placesIn(values, `${path}.<name>`);
  return shape.getProperties().flatMap((property) => {
    const declared = property.getDeclarations().find(Node.isPropertySignature);
    if (declared === undefined) return [];
    const here = `${path}.${property.getName()}`;
    const found = property.getTypeAtLocation(declared);
    return [{ path: here, type: found }, ...placesIn(found, here)];
  });
}

/** What a type can look like, apart from plain values. */
function shapesOf(type: Type): Type[] {
  if (type.isUnion()) return type.getUnionTypes().flatMap(shapesOf);
  return type.isObject() ? [type] : [];
}

/** By what a shape is told from the others beside it: a literal that it holds, or else its first property. */
function nameOf(shape: Type): string {
  if (shape.isArray()) return "list";
  const properties = shape.getProperties();
  for (const property of properties) {
    const [declared] = property.getDeclarations();
    const type = declared === undefined ? undefined : property.getTypeAtLocation(declared);
    if (type?.isStringLiteral()) return String(type.getLiteralValue());
  }
  return properties[0]?.getName() ?? "empty";
}
