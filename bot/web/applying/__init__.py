"""The pages where an organisation applies, and follows its application."""
