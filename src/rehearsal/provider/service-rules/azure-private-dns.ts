import type { ServiceRules } from "./service-rules";
import { texts } from "./value-checks";

/** Of a zone's name and its administrator's address together. */
const LONGEST_SOA_EMAIL = 253;

export const azurePrivateDns: readonly ServiceRules[] = [
  {
    types: ["azurerm_private_dns_zone"],
    values: {
      "soa_record.email": texts((text) => {
        const segments = text.split(".");
        return (
          segments.length >= 2 &&
          segments.length <= 34 &&
          segments.every((segment) => segment !== "" && segment.length <= 63) &&
          /^[a-zA-Z\d._-]+$/.test(text)
        );
      }, '"{name}" must be between 2 and 34 segments of letters, numbers, underscores and dashes, got "{value}"'),
    },
    creationRefusals: {
      "an address that is too long together with the zone": ({ after }) => {
        if (!after.isSet("soa_record")) return undefined;
        const value = `${after.text("name")}${after.text("soa_record.0.email").replace(/\.$/, "")}`;
        return value.length > LONGEST_SOA_EMAIL
          ? `the value "${value}" for \`email\` which is concatenated with Private DNS Zone \`name\` cannot exceed ${LONGEST_SOA_EMAIL} characters excluding a trailing period`
          : undefined;
      },
    },
  },
];
