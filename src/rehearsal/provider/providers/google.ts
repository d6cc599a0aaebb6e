import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import type { SimulatedProvider, Subject } from "../simulated-provider";
import { isObject, isUnknown, type ObjectValue, textAt, type Value } from "../value";
import { documentedId } from "./documented-ids";
import { freshUuid } from "./fresh-uuid";
import { googleIdTemplates } from "./google-ids";

/** Google Cloud: ids are paths below a project. */
export const google: SimulatedProvider = {
  name: "google",
  inCloud: true,
  isLegacy: true,
  idsAreGlobal: true,
  ignoresCase: false,
  kindOf: (type) => type,

  configure(config, environment) {
    const given = config.project ?? null;
    const project = isUnknown(given) ? "unknown" : (given ?? environment.GOOGLE_PROJECT ?? "");
    return { scope: String(project), config };
  },

  id(subject, cloud) {
    const template =
      googleIdTemplates[subject.type] ?? documentedId("google", subject.type) ?? guessTemplate(subject);
    const id = template.replaceAll(/\{([^}]+)\}/g, (_, word: string) => {
      if (word === "project") return projectOf(subject, cloud);
      if (word === "uuid") return freshUuid(subject, cloud);
      return textAt(subject.attributes, word) ?? defaultOf(word, cloud) ?? "";
    });
    // Many arguments take a name or a whole path.
    return id.replace(/^projects\/.*\/(?=projects\/)/, "");
  },

  scopeOf: (attributes) =>
    textAt(attributes, "project") ?? /^projects\/([^/]+)/.exec(textAt(attributes, "id") ?? "")?.[1],

  invent(path, subject, cloud): Value | undefined {
    const { attributes } = subject;
    if (path === "project") return projectOf(subject, cloud);
    if (path === "effective_labels" || path === "terraform_labels") return labelsOf(subject, cloud);
    if (path === "effective_annotations") return attributes.annotations ?? {};
    return ["region", "zone", "location"].includes(path) ? defaultOf(path, cloud) : undefined;
  },

  alreadyExists: ({ type, name }, id) =>
    new CloudError(
      `Error creating ${title(type)}: googleapi: Error 409: Requested entity already exists`,
      `${id || name} is there already: import it, or delete it.`,
    ),

  notFound(type, config, cloud) {
    const asked = Object.entries(config)
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => `${name} ${value}`);
    return new CloudError(
      `Error when reading or editing ${title(type)}: googleapi: Error 404: not found`,
      `Project ${cloud.scope} has none with ${asked.join(", ")}.`,
    );
  },
};

function title(type: string): string {
  return type
    .replace(/^google_/, "")
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

function projectOf({ attributes }: Subject, cloud: Cloud): string {
  const project = textAt(attributes, "project") ?? cloud.scope;
  if (project === "") throw new CloudError("project: required field is not set");
  return project;
}

function defaultOf(word: string, cloud: Cloud): string | undefined {
  const { config } = cloud.settings;
  return textAt(config, word) ?? (word === "location" ? textAt(config, "region") : undefined);
}

function labelsOf({ attributes }: Subject, cloud: Cloud): Value {
  const { config } = cloud.settings;
  const own = isObject(attributes.labels) ? attributes.labels : {};
  const defaults = isObject(config.default_labels) ? config.default_labels : {};
  const attribution: ObjectValue =
    config.add_terraform_attribution_label === false ? {} : { "goog-terraform-provisioned": "true" };
  return { ...attribution, ...defaults, ...own };
}

function guessTemplate({ type, name, attributes }: Subject): string {
  const collection = `${type.replace(/^google_[a-z]+_/, "").replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}s`;
  const place = ["location", "region", "zone"].find((word) => word in attributes);
  const below = place ? `${place}s/{${place}}` : "global";
  return `projects/{project}/${below}/${collection}/${name || "{uuid}"}`;
}
