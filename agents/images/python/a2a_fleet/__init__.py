"""What every agent of an a2a-fleet needs beyond its skills, on the official SDK."""
