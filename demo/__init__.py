"""The story of Bangfu, told through its HTTP API with invented people."""
