"""What cards, modals and home tabs are put together from."""
