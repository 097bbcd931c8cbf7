"""What an application must bring, how it moves, who may decide on it, and what is odd."""
