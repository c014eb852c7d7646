"""Who is signed in, in which browser: the pages to sign in by, and what other pages ask of a visit."""
