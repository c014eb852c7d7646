"""What a press costs, from the signed request to the answer, beside the bare driver with the same statements."""
