/** How much one caller may ask in a while, counted by all replicas together where they share a store. */
import type { Redis } from "ioredis";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible";
import { log } from "./logs.js";
import type { Metrics } from "./metrics.js";
import { Refused } from "./refusal.js";
import type { Settings } from "./settings.js";

/** The contract's limit of requests in a window. */
export class RateLimit {
  private readonly limiter: RateLimiterAbstract | undefined;

  constructor(
    settings: Settings,
    private readonly metrics: Metrics,
    redis: Redis | undefined,
  ) {
    if (!settings.flag("RATE_LIMIT_ENABLED")) return;
    const keyPrefix = settings.text("RATE_LIMIT_PREFIX")?.replace(/:$/, "");
    const limit = {
      points: Number(settings.given("RATE_LIMIT_REQUESTS")),
      duration: Number(settings.given("RATE_LIMIT_WINDOW")),
    };
    this.limiter =
      redis === undefined || keyPrefix === undefined
        ? new RateLimiterMemory(limit)
        : new RateLimiterRedis({ ...limit, storeClient: redis, keyPrefix });
  }

  /** @throws Refused 429 if the caller is beyond its limit. */
  async check(caller: string): Promise<void> {
    try {
      await this.limiter?.consume(caller);
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        this.metrics.count("a2a_rate_limited_total");
        const seconds = String(Math.max(1, Math.ceil(error.msBeforeNext / 1000)));
        throw new Refused(429, "rate_limited", `too many requests; try again in ${seconds} s`, {
          "Retry-After": seconds,
        });
      }
      // A store that is away must not shut callers out: what protects the agent then is the gateway's limit.
      this.metrics.count("a2a_store_errors_total", { operation: "limit" });
      log.warn(`the rate limit can't be counted: ${String(error)}`);
    }
  }
}
