import { TerraformStack } from "cdktf";

/**
 * A stack whose JSON is made once for everything that looks at it before it is written, and for its file: making it takes
 * about as long as building the stack does.
 */
export class FleetStack extends TerraformStack {
  private made: ReturnType<TerraformStack["toTerraform"]> | undefined;
  private judging = false;

  /** Synthesis runs all validations of a stack, and writes it right after them. */
  override runAllValidations(): void {
    this.made = super.toTerraform();
    this.judging = true;
    try {
      super.runAllValidations();
    } catch (error) {
      this.made = undefined;
      throw error;
    } finally {
      this.judging = false;
    }
  }

  /** Whoever asks first after the validations takes what they saw: who asks later may have changed the stack. */
  override toTerraform(): ReturnType<TerraformStack["toTerraform"]> {
    const made = this.made ?? super.toTerraform();
    if (!this.judging) this.made = undefined;
    return made;
  }
}
