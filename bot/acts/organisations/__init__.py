"""Acts about organisations: their people, rules and invoices, what they have, and who is away."""
