"""The quote: what a list would cost, and the button that buys."""
