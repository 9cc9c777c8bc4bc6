"""Real statements laid out in many other ways of the trade, and the reader scored on them: `make restyle`."""
