import type { PlannedChange } from "../planning/planned-change";
import type { ServiceRules } from "./service-rules";
import { matching, texts } from "./value-checks";

/** MiB of a server whose storage nobody has sized. */
export const DEFAULT_STORAGE_MB = 32_768;

const TIERS = ["P4", "P6", "P10", "P15", "P20", "P30", "P40", "P50", "P60", "P70", "P80"];

/**
 * Slowest and fastest disk of each size, in MiB. The slowest is what a server gets that asks for none.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/disks-change-performance
 */
const TIERS_OF_SIZE: Readonly<Record<number, readonly [string, string]>> = {
  32768: ["P4", "P50"],
  65536: ["P6", "P50"],
  131072: ["P10", "P50"],
  262144: ["P15", "P50"],
  524288: ["P20", "P50"],
  1048576: ["P30", "P50"],
  2097152: ["P40", "P50"],
  4193280: ["P50", "P50"],
  4194304: ["P50", "P50"],
  8388608: ["P60", "P80"],
  16777216: ["P70", "P80"],
  33553408: ["P80", "P80"],
};

/** The tiers that a disk of that size, in MiB, can have; the slowest first. */
export function tiersOf(size: number): readonly string[] {
  const [slowest, fastest] = TIERS_OF_SIZE[size] ?? ["P4", "P80"];
  return TIERS.slice(TIERS.indexOf(slowest), TIERS.indexOf(fastest) + 1);
}

function findTierProblem({ before, after, config }: PlannedChange): string | undefined {
  const size = after.number("storage_mb") || DEFAULT_STORAGE_MB;
  const tiers = tiersOf(size);
  const tier = after.text("storage_tier") || (tiers[0] as string);
  if (tiers.includes(tier)) return undefined;
  // A disk that nobody has chosen follows the size.
  const isKept = before.text("storage_tier").toLowerCase() === tier.toLowerCase();
  if (isKept && !config.isGiven("storage_tier")) return undefined;
  const quoted = tiers.map((each) => `"${each}"`);
  const shown = quoted.length > 1 ? `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}` : quoted[0];
  return `invalid 'storage_tier' "${tier}" for defined 'storage_mb' size '${size}', expected one of [${shown}]`;
}

/** What a new server that is no copy has to be given. */
function findMissing({ after, config }: PlannedChange): string | undefined {
  const mode = after.text("create_mode");
  const missing = (name: string) => (after.isGiven(name) ? undefined : name);
  if (mode === "PointInTimeRestore" || mode === "GeoRestore") {
    const name = missing("source_server_id") ?? missing("point_in_time_restore_time_in_utc");
    return name && `\`${name}\` is required when \`create_mode\` is  ${mode}`;
  }
  if (mode === "Replica") {
    return missing("source_server_id") && "`source_server_id` is required when `create_mode` is `Replica`";
  }
  if (mode !== "" && mode !== "Default") return undefined;
  const hasPasswords =
    after.list("authentication").length === 0 || after.flag("authentication.0.password_auth_enabled");
  const hasPassword = after.isGiven("administrator_password") || config.isGiven("administrator_password_wo");
  const when = "is required when `create_mode` is `Default`";
  if (hasPasswords) {
    const also = `${when} and \`authentication.password_auth_enabled\` is set to \`true\``;
    if (!config.isGiven("administrator_login")) return `\`administrator_login\` ${also}`;
    if (!hasPassword) return `\`administrator_password\` or \`administrator_password_wo\` ${also}`;
  } else if (config.isGiven("administrator_login") || hasPassword) {
    return "`administrator_login`, `administrator_password` and `administrator_password_wo` cannot be set during creation when `authentication.password_auth_enabled` is set to `false`";
  }
  const name = ["sku_name", "version"].find((each) => !config.isGiven(each));
  return name && `\`${name}\` ${when}`;
}

const CHARSETS = new Set(
  "BIG5 EUC_CN EUC_JP EUC_JIS_2004 EUC_KR EUC_TW GB18030 GBK ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 JOHAB KOI8R KOI8U LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 LATIN7 LATIN8 LATIN9 LATIN10 MULE_INTERNAL SJIS SHIFT_JIS_2004 SQL_ASCII UHC UTF8 WIN866 WIN874 WIN1250 WIN1251 WIN1252 WIN1253 WIN1254 WIN1255 WIN1256 WIN1257 WIN1258".split(
    " ",
  ),
);

export const azurePostgres: readonly ServiceRules[] = [
  {
    types: ["azurerm_postgresql_flexible_server"],
    values: {
      name: texts(
        (text) => text.length <= 63 && /^[a-z0-9]([a-z0-9-]+[a-z0-9])?$/.test(text),
        "\"{name}\" must only contains numbers, lowercase characters and '-', got {value}",
      ),
      sku_name: matching(
        "^((B_Standard_B((1|2|4|8|12|16|20)ms|2s))|(GP_Standard_D(((2|4|8|16|32|48|64)s_v3)|((2|4|8|16|32|48|64)ds_v4)|((2|4|8|16|32|48|64|96)ds_v5)|((2|4|8|16|32|48|64|96)ads_v5)))|(MO_Standard_E((((2|4|8|16|20|32|48|64)s)_v3)|((2|4|6|8|16|20|32|48|64)ds_v4)|((2|4|8|16|20|32|48|64|96)ds_v5)|((2|4|8|16|32|48|64|96)ads_v5))))$",
        '"{name}" is not a valid sku name, got {value}',
      ),
    },
    refusals: { "a disk that its size doesn't have": findTierProblem },
    replacements: {
      "an older version": ({ before, after }) =>
        Number(before.text("version")) > Number(after.text("version")) ? ["version"] : [],
      "another administrator": ({ before }) =>
        before.text("administrator_login") === "" ? [] : ["administrator_login"],
      "less storage": ({ before, after }) =>
        after.number("storage_mb") > 0 && before.number("storage_mb") > after.number("storage_mb")
          ? ["storage_mb"]
          : [],
      "an identity that is given up": ({ before, after }) => {
        const [old, next] = [before.text("identity.0.type"), after.text("identity.0.type")];
        return old.includes("UserAssigned") && !next.includes("UserAssigned") ? ["identity.0.type"] : [];
      },
    },
    creationRefusals: {
      "a new server in the role of a copy": ({ after }) =>
        after.isSet("replication_role") ? "`replication_role` cannot be set while creating" : undefined,
      "a new server that lacks what its kind needs": findMissing,
    },
  },
  {
    types: ["azurerm_postgresql_flexible_server_database"],
    values: {
      charset: texts(
        (text) => CHARSETS.has(text.toUpperCase()),
        "{name} contains unknown charset {value}, see https://www.postgresql.org/docs/13/multibyte.html#CHARSET-TABLE for available charsets in PostgreSQL",
      ),
      // Locales of the C library and of ICU.
      collation: matching(
        "^(default|C|POSIX|ucs_basic|C\\.UTF-8|eo|[a-z]{2,3}_[A-Z]{2}(\\.(utf8|iso885915|latin1|eucjp|euckr|euctw|cp1251|koi8r))?(@[a-z]+)?|[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\\d{3}))?(-[a-z]+)*-x-icu)$",
        "{name} contains unknown collation {value}",
      ),
    },
  },
];
