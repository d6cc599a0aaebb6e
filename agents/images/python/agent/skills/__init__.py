"""What the agents can do. Small and real: no text generator is needed, and one is used where the agent has it."""
