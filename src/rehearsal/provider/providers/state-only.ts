import { CloudError } from "../cloud-error";
import type { SimulatedProvider } from "../simulated-provider";

/** Providers whose resources are nowhere but in the state. */
export function stateOnly(name: string): SimulatedProvider {
  return {
    name,
    inCloud: false,
    isLegacy: false,
    idsAreGlobal: true,
    ignoresCase: false,
    kindOf: (type) => type,
    configure: (config) => ({ scope: name, config }),
    id: () => "",
    alreadyExists: ({ type }, id) => new CloudError(`${type} ${id} already exists`),
    notFound: (type) => new CloudError(`${type} was not found`),
  };
}

export const random = stateOnly("random");
export const time = stateOnly("time");
