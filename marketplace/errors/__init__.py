"""Every refusal of trade, a file for each feature."""
