"""Every refusal of the reserved share, a file for each feature."""
