"""What those who build on the API send and read."""
