"""The pages behind personal links: to decide, to sign, to read, and about an account."""
