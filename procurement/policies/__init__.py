"""Which share rule holds where and when, and why."""
