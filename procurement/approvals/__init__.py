"""From which amount a purchase waits for somebody else."""
