"""Orders from placing to completion."""
