"""The whole order as a view, and the lines of its timeline; the forms about a case stand in `bot/forms/orders`."""
