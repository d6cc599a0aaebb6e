/** Answers that may be given again, kept where the environment says. */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { Settings } from "./settings.js";

const MOST_KEPT = 1000;

/** Keeps texts by what they answer. One version's answers are not another's. */
export class AnswerCache {
  private readonly seconds: number;
  private readonly prefix: string;
  private readonly version: string;
  private readonly memory: LRUCache<string, string>;
  private readonly redis: Redis | undefined;

  constructor(settings: Settings, redis: Redis | undefined) {
    this.seconds = Number(settings.given("RESPONSE_CACHE_TTL_SECONDS"));
    this.prefix = settings.text("RESPONSE_CACHE_PREFIX") ?? "a2a:cache:";
    this.version = `${settings.agentName}@${settings.given("AGENT_VERSION")}`;
    this.memory = new LRUCache({ max: MOST_KEPT, ttl: this.seconds * 1000 });
    this.redis = settings.text("RESPONSE_CACHE") === "redis" ? redis : undefined;
  }

  async get(question: string): Promise<string | undefined> {
    const key = this.keyOf(question);
    return this.redis === undefined ? this.memory.get(key) : ((await this.redis.get(key)) ?? undefined);
  }

  async put(question: string, answer: string): Promise<void> {
    const key = this.keyOf(question);
    if (this.redis === undefined) this.memory.set(key, answer);
    else await this.redis.set(key, answer, "EX", this.seconds);
  }

  private keyOf(question: string): string {
    return this.prefix + createHash("sha256").update(`${this.version}\n${question}`).digest("hex");
  }
}
