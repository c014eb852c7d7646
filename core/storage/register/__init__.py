"""Writing the register, with an audit record of each change, and a review of the cases that wait."""
