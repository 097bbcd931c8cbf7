"""Pages of those who watch: monitors, auditors, finance supervisors."""
