"""What can be done with lots: record, promise, ship, take back, pay for, correct, regroup."""
