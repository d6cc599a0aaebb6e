import { allowGiven, allowOnly, type Field, isJsonObject } from "../field";
import { dnsLabel, dnsSubdomain } from "../formats/names";
import { quantityOf } from "../formats/quantity";
import { judgeFieldReference, judgeResourceReference } from "./downward-reference";
import { judgeFreePath, judgeLocalPath, judgeMode, judgeNoStepsUp } from "./paths";
import { judgeClaimTemplate } from "./persistent-volume-claim";

/** Volumes of a pod and where its containers mount them. */

/** Kinds of volumes that are looked into; of all others there may be one, and its content isn't judged. */
const JUDGED: Readonly<Record<string, (source: Field) => void>> = {
  emptyDir(source) {
    const limit = source.at("sizeLimit");
    const amount = quantityOf(limit.value);
    if (amount !== undefined && amount < 0n)
      limit.forbidden("SizeLimit field must be a valid resource quantity");
  },
  hostPath(source) {
    if (source.at("path").isEmpty) source.at("path").required();
    judgeNoStepsUp(source.at("path"));
    allowOnly(source.at("type"), [
      "",
      "BlockDevice",
      "CharDevice",
      "Directory",
      "DirectoryOrCreate",
      "File",
      "FileOrCreate",
      "Socket",
    ]);
  },
  secret(source) {
    if (source.at("secretName").isEmpty) source.at("secretName").required();
    judgeFiles(source);
  },
  configMap(source) {
    if (source.at("name").isEmpty) source.at("name").required();
    judgeFiles(source);
  },
  persistentVolumeClaim(source) {
    if (source.at("claimName").isEmpty) source.at("claimName").required();
  },
  nfs(source) {
    for (const name of ["server", "path"]) if (source.at(name).isEmpty) source.at(name).required();
    const path = source.at("path");
    if (!path.isEmpty && !path.text.startsWith("/")) path.invalid("must be an absolute path");
  },
  csi(source) {
    const driver = source.at("driver");
    if (driver.isEmpty) driver.required();
    if (driver.text.length > 63) driver.tooLong(63);
    driver.invalidAll(dnsSubdomain(driver.text.toLowerCase()));
    const secret = source.at("nodePublishSecretRef", "name");
    if (!source.at("nodePublishSecretRef").isSet) return;
    if (secret.isEmpty) secret.required();
    else source.at("name").invalidAll(dnsSubdomain(secret.text), secret.text);
  },
  downwardAPI(source) {
    judgeMode(source.at("defaultMode"));
    for (const file of source.at("items").items()) judgeDownwardFile(file, source);
  },
  projected: judgeProjected,
  ephemeral(source) {
    const template = source.at("volumeClaimTemplate");
    if (template.isSet) judgeClaimTemplate(template);
    else template.required();
  },
};

/** The kind of a volume that the API server drops. */
const DROPPED = "image";

/** The volumes that containers may mount, by name, with their kind. */
export type Volumes = ReadonlyMap<string, string | undefined>;

/** Judges the volumes and says which of them containers may mount. */
export function judgeVolumes(volumes: Field): Volumes {
  const names = new Map<string, string | undefined>();
  for (const volume of volumes.items()) {
    const name = volume.at("name");
    if (volume.at("image").isSet) {
      // Images wait for a feature that is switched off: the volume is dropped, and with it what mounts it.
      names.set(name.text, DROPPED);
      continue;
    }
    let kind: string | undefined;
    const isSound = volume.isSound(() => {
      kind = judgeSource(volume);
      if (name.isEmpty) name.required();
      else name.invalidAll(dnsLabel(name.text));
      if (names.has(name.text) && names.get(name.text) !== DROPPED) name.duplicate();
    });
    // What isn't a volume can't be mounted.
    if (isSound) names.set(name.text, kind);
  }
  return names;
}

/** Says what kind of volume it is; undefined for an empty folder that nothing else is said about. */
function judgeSource(volume: Field): string | undefined {
  const kinds = isJsonObject(volume.value)
    ? Object.keys(volume.value).filter((kind) => kind !== "name" && volume.at(kind).isSet)
    : [];
  // One without a source is an empty folder.
  const [kind, ...others] = kinds.sort((one, other) => rank(one) - rank(other));
  for (const other of others) volume.at(other).forbidden("may not specify more than 1 volume type");
  if (kind !== undefined) JUDGED[kind]?.(volume.at(kind));
  return kind;
}

/** Where several kinds are given, the API server takes the first in an order of its own. */
function rank(kind: string): number {
  const order = [
    "emptyDir",
    "hostPath",
    "secret",
    "nfs",
    "persistentVolumeClaim",
    "downwardAPI",
    "configMap",
    "projected",
    "csi",
    "ephemeral",
  ];
  const place = order.indexOf(kind);
  return place < 0 ? order.length : place;
}

function judgeFiles(source: Field): void {
  judgeMode(source.at("defaultMode"));
  for (const item of source.at("items").items()) judgeFile(item);
}

function judgeFile(item: Field): void {
  if (item.at("key").isEmpty) item.at("key").required();
  if (item.at("path").isEmpty) item.at("path").required();
  judgeFreePath(item.at("path"));
  judgeMode(item.at("mode"));
}

function judgeDownwardFile(file: Field, shown: Field): void {
  const { text } = file.at("path");
  const path = shown.at("path").with(text);
  if (text === "") path.required();
  judgeFreePath(path);
  const field = file.at("fieldRef").as(`${shown.path}.fieldRef`);
  const resource = file.at("resourceFieldRef").as(`${shown.path}.resourceFieldRef`);
  if (field.isSet) {
    judgeFieldReference(field, "volume");
    if (resource.isSet)
      shown.invalid("fieldRef and resourceFieldRef can not be specified simultaneously", "resource");
  } else if (resource.isSet) judgeResourceReference(resource, true);
  else shown.required("one of fieldRef and resourceFieldRef is required");
  judgeMode(file.at("mode").as(`${shown.path}.mode`));
}

const TOKEN_SECONDS = { least: 600, most: 2 ** 32 };

function judgeProjected(projected: Field): void {
  judgeMode(projected.at("defaultMode"));
  const paths = new Set<string>();
  const takePath = (path: string, shown: string) => {
    if (path === "") return;
    if (paths.has(path)) projected.invalid("conflicting duplicate paths", shown);
    paths.add(path);
  };
  for (const source of projected.at("sources").items()) {
    const kinds = isJsonObject(source.value)
      ? Object.keys(source.value).filter((kind) => source.at(kind).isSet)
      : [];
    if (kinds.length > 1) source.forbidden("may not specify more than 1 volume type per source");
    for (const kind of ["secret", "configMap"]) {
      const files = source.at(kind);
      if (!files.isSet) continue;
      if (files.at("name").isEmpty) files.at("name").required();
      for (const item of files.at("items").items()) {
        judgeFile(item);
        takePath(item.at("path").text, files.at("name").text);
      }
    }
    const downward = source.at("downwardAPI");
    for (const file of downward.at("items").items()) {
      judgeDownwardFile(file, downward);
      takePath(file.at("path").text, file.at("path").text);
    }
    const token = source.at("serviceAccountToken");
    if (!token.isSet) continue;
    const seconds = token.at("expirationSeconds");
    if (seconds.isSet && seconds.number < TOKEN_SECONDS.least) {
      seconds.invalid("may not specify a duration less than 10 minutes");
    }
    if (seconds.number > TOKEN_SECONDS.most)
      seconds.invalid("may not specify a duration larger than 2^32 seconds");
    const path = projected.at("path").with(token.at("path").value);
    if (path.isEmpty) path.required();
    else judgeFreePath(path);
  }
}

/** Where a container finds the pod's volumes. */
export function judgeMounts(container: Field, volumes: Volumes): void {
  const mounts = container.at("volumeMounts");
  const kept = mounts.items().filter((mount) => volumes.get(mount.at("name").text) !== DROPPED);
  const devices = container.at("volumeDevices").items();
  const places = new Set<string>();
  const isPrivileged = container.at("securityContext", "privileged").value === true;
  for (const mount of kept) {
    const name = mount.at("name");
    const place = mount.at("mountPath");
    if (name.isEmpty) name.required();
    if (!volumes.has(name.text)) name.report(`Not found: ${JSON.stringify(name.text)}`);
    if (place.isEmpty) place.required();
    if (places.has(place.text)) place.invalid("must be unique");
    places.add(place.text);
    if (devices.some((device) => device.at("name").text === name.text)) {
      name.invalid("must not already exist in volumeDevices");
    }
    if (devices.some((device) => device.at("devicePath").text === place.text)) {
      place.invalid("must not already exist as a path in volumeDevices");
    }
    const part = mounts.at("subPath").with(mount.at("subPath").value);
    const computedPart = mounts.at("subPathExpr").with(mount.at("subPathExpr").value);
    if (!part.isEmpty) judgeLocalPath(part);
    if (!computedPart.isEmpty) {
      if (!part.isEmpty) {
        mount.at("subPathExpr").invalid("subPathExpr and subPath are mutually exclusive");
      }
      judgeLocalPath(computedPart);
    }
    const propagation = mounts.at("mountPropagation").with(mount.at("mountPropagation").value);
    allowGiven(propagation, ["Bidirectional", "HostToContainer", "None"]);
    if (propagation.text === "Bidirectional" && !isPrivileged) {
      propagation.forbidden("Bidirectional mount propagation is available only to privileged containers");
    }
    const recursive = mounts.at("recursiveReadOnly").with(mount.at("recursiveReadOnly").value);
    allowGiven(recursive, ["Disabled", "Enabled", "IfPossible"]);
    if (["Enabled", "IfPossible"].includes(recursive.text) && mount.at("readOnly").value !== true) {
      recursive.forbidden("may only be specified when readOnly is true");
    }
  }
}

const OF_DEVICES = ["persistentVolumeClaim", "ephemeral"];

/** Where a container finds volumes that are devices rather than folders. */
export function judgeDevices(container: Field, volumes: Volumes): void {
  const mounts = container.at("volumeMounts").items();
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const device of container.at("volumeDevices").items()) {
    const name = device.at("name");
    const path = device.at("devicePath");
    if (name.isEmpty) name.required();
    if (names.has(name.text)) name.invalid("must be unique");
    if (!volumes.has(name.text)) name.report(`Not found: ${JSON.stringify(name.text)}`);
    else if (!OF_DEVICES.includes(volumes.get(name.text) ?? "")) {
      name.invalid("can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    }
    if (path.isEmpty) path.required();
    if (paths.has(path.text)) path.invalid("must be unique");
    if (path.text.split("/").includes("..")) path.invalid("can not contain backsteps ('..')");
    else paths.add(path.text);
    if (mounts.some((mount) => mount.at("name").text === name.text)) {
      name.invalid("must not already exist in volumeMounts");
    }
    if (mounts.some((mount) => mount.at("mountPath").text === path.text)) {
      path.invalid("must not already exist as a path in volumeMounts");
    }
    if (!name.isEmpty) names.add(name.text);
  }
}
