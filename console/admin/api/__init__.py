"""Pages of those who keep the house: organisations, rules, files in and out, the audit trail."""
