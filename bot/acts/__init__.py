"""What somebody does at any door: an act takes the press or the form, and answers with a value that a surface shows."""
