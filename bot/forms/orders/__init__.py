"""Forms about orders: a new one, a changed one, and what each row of the flows table asks."""
