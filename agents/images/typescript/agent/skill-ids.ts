/** Ids of the skills that this image has code for. Apart from them, so that a wrong environment is told at once. */
export const SKILL_IDS = ["create-purchase-order", "delegate", "low-stock", "stock-level"];
