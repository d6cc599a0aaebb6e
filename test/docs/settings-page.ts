import { join } from "node:path";
import { type InterfaceDeclaration, Node, Project, type Type, type TypeAliasDeclaration } from "ts-morph";

const ROOT = join(__dirname, "../..");

type Settings = InterfaceDeclaration | TypeAliasDeclaration;

/** Every setting of a definition and of an environment, from the types and their docstrings. */
export function settingsPage(): string {
  const project = new Project({
    tsConfigFilePath: join(ROOT, "tsconfig.json"),
    skipAddingFilesFromTsConfig: true,
  });
  const roots = [
    project
      .addSourceFileAtPath(join(ROOT, "src/agent/agent-definition.ts"))
      .getInterfaceOrThrow("AgentDefinition"),
    project
      .addSourceFileAtPath(join(ROOT, "src/environment/environment.ts"))
      .getInterfaceOrThrow("Environment"),
  ];
  const found = new Map<string, Settings>();
  for (const root of roots) collect(root, found);
  const sections = [...found].map(([name, settings]) => section(name, settings, found));
  return [
    "<!-- Written by `npm run docs`, from the types and their docstrings. -->",
    "",
    "# Settings",
    "",
    "An agent is an `AgentDefinition` (`agents/*.ts`); where it runs is an `Environment` (`stacks/environments/*.ts`). What",
    "several environments have in common is in `stacks/company.json`, whose words `stacks/company.ts` explains. A property",
    "with `?` may be left out. Whatever is misspelt, missing, of another type or out of its range is refused when the fleet",
    "is synthesized, and so is what nothing of the environment would read.",
    "",
    ...sections,
  ].join("\n");
}

/** The settings of a type, and of everything that its properties are made of, in the order in which they are met. */
function collect(settings: Settings, found: Map<string, Settings>): void {
  const name = settings.getName();
  if (found.has(name)) return;
  found.set(name, settings);
  for (const type of typesIn(settings)) {
    for (const declared of declaredBy(type)) collect(declared, found);
  }
}

function typesIn(settings: Settings): Type[] {
  const own = Node.isInterfaceDeclaration(settings)
    ? settings
        .getType()
        .getProperties()
        .map((property) => property.getTypeAtLocation(settings))
    : [settings.getType()];
  return own;
}

/** The interfaces of this project that a type names, through lists, records and alternatives. */
function declaredBy(type: Type, depth = 0): Settings[] {
  if (depth > 4) return [];
  const isOurs = (node: Node) => node.getSourceFile().getFilePath().startsWith(join(ROOT, "src"));
  const named = type.getSymbol()?.getDeclarations() ?? [];
  const interfaces = named.filter(Node.isInterfaceDeclaration).filter(isOurs);
  if (interfaces.length > 0) return interfaces;
  const inside = [
    ...type.getUnionTypes(),
    ...(type.isArray() ? [type.getArrayElementTypeOrThrow()] : []),
    ...type.getAliasTypeArguments(),
    ...(type.isAnonymous() && named.every(isOurs)
      ? type.getProperties().flatMap((property) => {
          const [at] = property.getDeclarations();
          return at === undefined ? [] : [property.getTypeAtLocation(at)];
        })
      : []),
  ];
  return inside.flatMap((each) => declaredBy(each, depth + 1));
}

function section(name: string, settings: Settings, found: ReadonlyMap<string, Settings>): string {
  const [doc] = settings.getJsDocs();
  const rows = settings
    .getType()
    .getProperties()
    .flatMap((property) => {
      const [at] = property.getDeclarations();
      if (at === undefined || !Node.isPropertySignature(at)) return [];
      const docs = at.getJsDocs();
      const what = docs.map((each) => each.getDescription().trim()).join(" ");
      const fallback = docs.flatMap((each) => each.getTags()).find((tag) => tag.getTagName() === "default");
      const type = at.getTypeNodeOrThrow().getText().replace(/\s+/g, " ");
      return [
        `| \`${property.getName()}${at.hasQuestionToken() ? "?" : ""}\` | ${linked(type, found)} | ${cell(what)} | ${cell(fallback?.getCommentText() ?? "")} |`,
      ];
    });
  return [
    `## ${name}`,
    "",
    ...(doc === undefined ? [] : [cell(doc.getDescription()), ""]),
    "| setting | type | what it is | where it is left out |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("|", "\\|")
    .replace(/^- /, "")
    .trim();
}

/** A type as code, and where the page has its words. */
function linked(type: string, found: ReadonlyMap<string, Settings>): string {
  const short = type.length > 90 ? `${type.slice(0, 87)}…` : type;
  const names = [...found.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(type));
  const links = names.map((name) => ` [${name}](#${name.toLowerCase()})`).join("");
  return `\`${short.replaceAll("|", "\\|")}\`${links}`;
}
