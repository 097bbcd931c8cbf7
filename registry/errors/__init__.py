"""Every refusal of the register, feature by feature."""
