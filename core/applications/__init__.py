"""What an organisation sends in to become a customer or an agent, and what approving it makes."""
