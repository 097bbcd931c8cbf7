"""Every refusal of certification, feature by feature."""
