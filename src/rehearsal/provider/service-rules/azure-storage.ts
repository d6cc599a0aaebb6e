import { isObject } from "../value";
import type { ServiceRules } from "./service-rules";

/**
 * Names of metadata become those of C#'s properties in the storage service's own libraries.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
const METADATA_NAME = /^[a-z_][a-z0-9_]+$/;

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double " +
    "else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is " +
    "lock long namespace new null object operator out override params private protected public readonly ref return sbyte " +
    "sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe " +
    "ushort using void volatile while"
  ).split(" "),
);

export const azureStorage: readonly ServiceRules[] = [
  {
    types: ["azurerm_storage_*"],
    invalid: {
      "metadata with names that C# has no property of": ({ config }) => {
        const { metadata } = config.values;
        const names = isObject(metadata) ? Object.keys(metadata) : [];
        const keyword = names.find((name) => KEYWORDS.has(name.toLowerCase()));
        if (keyword !== undefined) return `"${keyword}" is not a valid key (C# keyword)`;
        const other = names.find((name) => !METADATA_NAME.test(name));
        return other === undefined
          ? undefined
          : `'MetaData' must start with letters or an underscores and be all lowercase. Got "${other}"`;
      },
    },
  },
];
