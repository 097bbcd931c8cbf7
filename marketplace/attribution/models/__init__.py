"""What there is of attribution: terms of a split, postings, payouts and surplus runs."""
