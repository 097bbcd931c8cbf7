"""How fast an order and a listing are, side by side with the floor of the same minute."""
