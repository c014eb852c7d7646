"""Cards drawn: what one reader may see, and a language, in; a message or a mail out. Pure."""
