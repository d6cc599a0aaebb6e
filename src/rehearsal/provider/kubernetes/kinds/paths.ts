import type { Field } from "../field";

/** Paths inside volumes. */

/** A path that stays where it is: relative, without steps up. */
export function judgeLocalPath(path: Field): void {
  if (path.text.startsWith("/")) path.invalid("must be a relative path");
  judgeNoStepsUp(path);
}

/** A local path that Kubernetes doesn't keep for itself either. */
export function judgeFreePath(path: Field): void {
  judgeLocalPath(path);
  if (path.text.startsWith("..") && !path.text.startsWith("../")) path.invalid("must not start with '..'");
}

export function judgeNoStepsUp(path: Field): void {
  if (path.text.split("/").includes("..")) path.invalid("must not contain '..'");
}

/** The permissions of a file. */
export function judgeMode(mode: Field): void {
  if (mode.isSet && (mode.number < 0 || mode.number > 0o777)) {
    mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
  }
}
