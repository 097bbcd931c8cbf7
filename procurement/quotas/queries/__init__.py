"""What can be asked about quotas: what they are, what orders hold, and what moved them."""
