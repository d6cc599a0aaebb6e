import { isObject } from "../value";
import type { ServiceRules } from "./service-rules";

const MOST_TAGS = 50;
const LONGEST_TAG = 512;
const LONGEST_TAG_VALUE = 256;

/** What all of azurerm's types have in common. */
export const azure: ServiceRules = {
  types: ["azurerm_*"],
  invalid: {
    "more or longer tags than Azure keeps": ({ config }) => {
      const tags = config.get("tags");
      if (!isObject(tags)) return undefined;
      if (Object.keys(tags).length > MOST_TAGS) {
        return `a maximum of ${MOST_TAGS} tags can be applied to each resource`;
      }
      for (const [key, value] of Object.entries(tags)) {
        const [keyLength, length] = [key, String(value)].map((text) => Buffer.byteLength(text)) as [
          number,
          number,
        ];
        if (keyLength > LONGEST_TAG) {
          return `the maximum length for a tag key is ${LONGEST_TAG} characters: "${key}" is ${keyLength} characters`;
        }
        if (typeof value === "string" && length > LONGEST_TAG_VALUE) {
          return `the maximum length for a tag value is ${LONGEST_TAG_VALUE} characters: the value for "${key}" is ${length} characters`;
        }
      }
      return undefined;
    },
  },
};
