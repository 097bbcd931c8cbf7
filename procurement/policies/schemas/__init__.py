"""Share policies, rules of the union, waivers and what holds, in JSON."""
