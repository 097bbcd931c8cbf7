"""The doors through which one sees whose the money is, and how it reached them."""
