import type { Cloud } from "../cloud";
import type { Subject } from "../simulated-provider";
import { canonical } from "../value";

/** Made of what is known at creation, and of a number where the same has been made before. */
export function freshUuid({ type, attributes }: Subject, cloud: Cloud): string {
  const taken = cloud.ofType(type).map(({ id }) => id);
  for (let number = 0; ; number += 1) {
    const uuid = cloud.uuid(type, canonical(attributes), String(number));
    if (!taken.some((id) => id.includes(uuid))) return uuid;
  }
}
